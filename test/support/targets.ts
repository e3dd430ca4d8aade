import { targetsOf, type Target } from '../../src/core/target.ts';
import type { Workload } from '../../src/core/workload.ts';
import { aWorkload } from './builders.ts';

type Texts = Readonly<Record<string, string>>;

/** The only target of a workload that runs `image` under these annotations (names without our prefix). */
export function aTarget(image: string, annotations: Texts = {}): Target {
  return onlyTarget(image, {
    annotations: withPrefix('updatekate.dev/', { policy: 'semver', ...annotations }),
  });
}

/** The only target of a workload that runs `image` under these annotations of Keel's (names without its prefix). */
export function aKeelTarget(image: string, annotations: Texts): Target {
  return onlyTarget(image, { annotations: withPrefix('keel.sh/', annotations) });
}

/** The same texts, with `prefix` before every name. */
export function withPrefix(prefix: string, texts: Texts): Texts {
  return Object.fromEntries(Object.entries(texts).map(([name, value]) => [`${prefix}${name}`, value]));
}

function onlyTarget(image: string, different: Partial<Workload>): Target {
  const workload = aWorkload({ containers: [{ name: 'app', image, init: false }], ...different });
  const [target] = targetsOf(workload, undefined);
  if (!target) throw new Error(`no target runs ${image}`);
  return target;
}
