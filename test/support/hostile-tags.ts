/** Texts that someone may push as a tag, or that a webhook may claim was pushed. Each broke something somewhere once. */
export const hostileTags: readonly string[] = [
  // Nothing, blanks, control characters.
  ...['', ' ', '\t', '\n', '\0', '1.0.0\0', '1.0.0\n', '1.0.0\r\nX-Injected: 1', '\u001b[2J1.0.0', '\u0007'],
  // What looks like a digit, a letter or nothing at all.
  ...['١.٢.٣', '1.0.0', '²', 'Ⅳ.0', 'v１', '\u202e0.0.1', '1.0\u200b.0', '\ufeff1.0.0', 'ﬁ', '1.0.0‑rc1'],
  ...['é', '\ud800', '\udfff1.0', '👩‍👩‍👧', 'İ', 'ß'],
  // Long ones, and what makes a backtracking matcher slow.
  ...['1'.repeat(400), `1.${'9'.repeat(400)}`, '1.'.repeat(5000), 'a'.repeat(10_000), '-'.repeat(10_000)],
  ...[`${'a'.repeat(5000)}!`, `1${'-a'.repeat(5000)}`, `${'0'.repeat(9999)}1`, `${'rc.'.repeat(3000)}1`],
  // Numbers as other languages read them.
  ...[
    '1e3',
    '0x10',
    '0b1',
    '1_0',
    '-0',
    '+1',
    'NaN',
    'Infinity',
    '-1',
    '1.',
    '.1',
    '..',
    '1..2',
    '9007199254740993',
  ],
  // Names that objects have, and words of formats.
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'null', 'undefined', 'true', '{}', '[]'],
  // Paths, shells, SQL, templates, formats.
  ...[
    '../1.0.1',
    '..%2f..',
    '/etc/passwd',
    'C:\\x',
    '-rf',
    '--help',
    '1.0.1;rm -rf /',
    '$(id)',
    '`id`',
    '${1+1}',
  ],
  ...[
    "' OR 1=1 --",
    '1.0.0"',
    '{{7*7}}',
    '%s%n%x',
    '%00',
    '<script>',
    '*',
    '?',
    '[a-z]',
    '(a+)+$',
    '.*',
    '\\',
  ],
  // What an image reference is made of.
  ...[
    '1.0.0:1.0.1',
    '1.0.0@sha256:0',
    `latest@sha256:${'a'.repeat(64)}`,
    `sha256-${'a'.repeat(64)}.sig`,
    'a/b',
    '@',
  ],
];
