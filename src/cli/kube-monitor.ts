#!/usr/bin/env node
import { call } from './call.ts';
import { notify } from './notify.ts';

/** `updatekate notify` by the name that the first system of this kind had. */
process.exitCode = await call(notify, process.argv.slice(2), 'kube-monitor');
