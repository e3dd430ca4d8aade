import fc from 'fast-check';

const word = fc.constantFrom(
  ...[
    'alpha',
    'beta',
    'rc',
    'RC',
    'SNAPSHOT',
    'dev',
    'alpine',
    'debian-12',
    'jdk-slim',
    'a1b2c3d',
    'm3',
    'b',
  ],
  ...['r', 'ls', 'build', 'security', 'next.x'],
);
const number = fc.oneof(fc.nat(12), fc.nat(99_999_999));
const suffix = fc
  .tuple(fc.constantFrom('-', '.', '_', ''), word, fc.option(fc.tuple(fc.constantFrom('', '.', '-'), number)))
  .map(([before, text, tail]) => `${before}${text}${tail?.join('') ?? ''}`);

/** Tags as registries hold them: versions with all their trimmings. */
export const versionTags = fc
  .tuple(
    fc.constantFrom('', '', 'v', 'V'),
    fc.array(number, { minLength: 1, maxLength: 4 }),
    fc.array(suffix, { maxLength: 3 }),
  )
  .map(([prefix, parts, suffixes]) => `${prefix}${parts.join('.')}${suffixes.join('')}`);

/** Few different tags, so that equal ones, and ones that differ in one respect only, meet often. */
export const closeTags = fc
  .tuple(
    fc.constantFrom('', 'v'),
    fc.array(fc.nat(2), { minLength: 2, maxLength: 3 }),
    fc.constantFrom('', '', '-rc.1', '-rc.2', '-beta1', '-alpine', '-r1', '-2', '-rc1-alpine-r3', 'b1', '_4'),
  )
  .map(([prefix, parts, tail]) => `${prefix}${parts.join('.')}${tail}`);

/** Any text a stranger may send as a tag. */
export const anyTags = fc.oneof(
  closeTags,
  versionTags,
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', 'latest', 'main', '0e2a89b', '1234567', '20240102', 'sha-33cefd3', '__proto__'),
);
