import type { Policy, PolicyModule } from '../policy.ts';
import { alphabeticalPolicy } from './alphabetical.ts';
import { calverPolicy } from './calver.ts';
import { digestPolicy } from './digest.ts';
import { globPolicy } from './glob.ts';
import { newestPolicy } from './newest.ts';
import { nonePolicy } from './none.ts';
import { numericPolicy } from './numeric.ts';
import { regexPolicy } from './regex.ts';
import { semverPolicy } from './semver.ts';

/** Every kind of policy: one line a file. A test reads this folder and names what is missing. */
export const policyModules: readonly PolicyModule[] = [
  semverPolicy,
  calverPolicy,
  numericPolicy,
  alphabeticalPolicy,
  globPolicy,
  regexPolicy,
  newestPolicy,
  digestPolicy,
  nonePolicy,
];

/** Reads a policy as people write it; a text is what is wrong and what is allowed. */
export function readPolicy(text: string): Policy | string {
  const colon = text.indexOf(':');
  const name = colon < 0 ? text : text.slice(0, colon);
  const found = policyModules.find(({ names }) => names.includes(name));
  const allowed = policyModules.map(({ usage }) => usage).join(', ');
  if (!found) return `unknown policy "${text}"; allowed: ${allowed}`;
  const policy = found.read(name, colon < 0 ? undefined : text.slice(colon + 1));
  return typeof policy === 'string' ? `policy "${text}": ${policy}; allowed: ${allowed}` : policy;
}
