import fc from 'fast-check';

const names = fc.constantFrom(
  ...[
    'policy',
    'containers',
    'tags',
    'prereleases',
    'hold',
    'approvals',
    'window',
    'update',
    'Policy',
    'tag',
  ],
  ...[
    'policy.app',
    'tags.app',
    'prereleases.app',
    'policy.proxy',
    'policy.',
    'policy.a.b',
    'hold.app',
    '.',
    '',
  ],
);
const keelNames = fc.constantFrom(
  ...['policy', 'matchTag', 'match-tag', 'matchPreRelease', 'monitorContainers', 'MONITORCONTAINERS'],
  ...['initContainers', 'approvals', 'trigger', 'notify'],
);
const texts = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ minLength: 200, maxLength: 400 }),
  fc.constantFrom(
    'semver',
    'minor',
    'all',
    'false',
    'true',
    '^v',
    '(',
    '(a*)*',
    'app',
    'app,proxy',
    'none',
    '1',
  ),
  fc.constantFrom('force', 'never', 'glob:*', 'glob:a:b', 'regexp:(', 'regexp:(?P<compare>.*)', 'glob:'),
  fc.integer({ min: 250, max: 5000 }).map((length) => '*('.repeat(length)),
);
const keys = fc.oneof(
  names.map((name) => `updatekate.dev/${name}`),
  fc.string({ unit: 'binary' }).map((name) => `updatekate.dev/policy.${name}`),
  fc.string({ unit: 'binary' }).map((name) => `updatekate.dev/${name}`),
  keelNames.map((name) => `keel.sh/${name}`),
  fc.constantFrom('__proto__', 'constructor', 'keel.observer/policy', 'updatekate.dev/policy.__proto__'),
);

/** Annotations, or labels, as nobody should write them: our names, Keel's and any others, with any values. */
export const anyAnnotations: fc.Arbitrary<Readonly<Record<string, string>>> = fc
  .array(fc.tuple(keys, texts), { maxLength: 12 })
  .map((entries) => Object.fromEntries(entries));
