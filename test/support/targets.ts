import { targetsOf, type Target } from '../../src/core/target.ts';
import { aWorkload } from './builders.ts';

/** The only target of a workload that runs `image` under these annotations (names without our prefix). */
export function aTarget(image: string, annotations: Readonly<Record<string, string>> = {}): Target {
  const workload = aWorkload({
    containers: [{ name: 'app', image, init: false }],
    annotations: Object.fromEntries(
      Object.entries({ policy: 'semver', ...annotations }).map(([name, value]) => [
        `updatekate.dev/${name}`,
        value,
      ]),
    ),
  });
  const [target] = targetsOf(workload, undefined);
  if (!target) throw new Error(`no target runs ${image}`);
  return target;
}
