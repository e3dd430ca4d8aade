import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { readConfigFile } from '../../../src/config/file/read.ts';
import { AppError } from '../../../src/core/errors.ts';

const read = (text: string) => readConfigFile('uk.yaml', () => text);
/** The lines of the refusal, without the name of the file, which each begins with. */
const faults = (text: string): readonly string[] => {
  try {
    read(text);
  } catch (error) {
    expect(error).toBeInstanceOf(AppError);
    expect(error).toHaveProperty('code', 'bad-config');
    const lines = (error as AppError).message.split('\n');
    expect(lines.every((line) => line.startsWith('uk.yaml: '))).toBe(true);
    return lines.map((line) => line.slice('uk.yaml: '.length));
  }
  return [];
};
const environment = (rest: string): string => `environments:\n  prod:\n    namespaces: [shop]\n${rest}`;
const approvals = (value: string): string => environment(`    approvals: ${value}\n`);
const group = (value: string): string => `groups:\n  ops: ${value}\n`;

const names = 'lower-case letters, digits and -, at most 63 characters';
const namespaces = 'a list of namespaces, at least one';
const votes = 'a whole number from 0 to 20';
const deadline = 'a duration from 1m to 30d, such as 4h';
const section = 'a section with votes, approvers, deadline, requesterMayApprove';
const person = 'an address, the id of a Slack user, slack:TEAM/USER, token:NAME, kubernetes:USER';
const approver = `${person}, group:NAME, the id or @handle of a Slack user group, rbac`;
const people = 'a list of people, from 1 to 50';
const addresses = (size: number): string =>
  JSON.stringify(Array.from({ length: size }, (_one, index) => `p${index}@acme.example`));

describe('a file', () => {
  test('may say nothing at all', () => {
    const nothing = { environments: {}, groups: {}, notifiers: {}, clusters: {}, watch: {} };

    expect(readConfigFile(undefined, () => 'not: read')).toEqual(nothing);
    expect(['', '# later\n', '---\n', '{}', '\ufeff'].map(read)).toEqual(Array(5).fill(nothing));
  });

  test('is read by its path, once', () => {
    const paths: string[] = [];

    readConfigFile('/etc/uk.yaml', (path) => {
      paths.push(path);
      return '';
    });

    expect(paths).toEqual(['/etc/uk.yaml']);
  });

  test.each([
    ['{votes: 0}', { votes: 0 }],
    ['{votes: 20}', { votes: 20 }],
    ['{votes: 2, approvers: [rbac]}', { votes: 2, approvers: ['rbac'] }],
    // Whoever names approvers wants them to be asked.
    ['{approvers: [rbac]}', { votes: 1, approvers: ['rbac'] }],
    ['{approvers: [rbac], votes: 0}', { votes: 0, approvers: ['rbac'] }],
    ['{votes: 0, deadline: 1m}', { votes: 0, deadlineMs: 60_000 }],
    ['{votes: 1, deadline: 30d}', { votes: 1, deadlineMs: 30 * 86_400_000 }],
    ['{votes: 1, requesterMayApprove: false}', { votes: 1, requesterMayApprove: false }],
  ])('says approvals %s', (given, expected) => {
    expect(read(approvals(given)).environments.prod).toEqual({ namespaces: ['shop'], approvals: expected });
  });

  test('is taken as JSON, and with lists that are shared', () => {
    const json = JSON.stringify({ groups: { ops: ['a@b'] } });
    const shared = `${approvals('&strict {votes: 2}')}  stage: {namespaces: [test], approvals: *strict}\n`;

    expect(read(json).groups).toEqual({ ops: ['a@b'] });
    expect(read(shared).environments.stage).toEqual({ namespaces: ['test'], approvals: { votes: 2 } });
  });

  test('may have names that objects have of their own', () => {
    const { groups, environments } = read('groups: {constructor: [a@b]}\nenvironments: {}');

    expect(Object.entries(groups)).toEqual([['constructor', ['a@b']]]);
    expect(Object.entries(environments)).toEqual([]);
  });

  test.each(['ann@acme.example', 'U024BE7LH', 'W12345678', 'slack:T1/U1', 'token:ci', 'kubernetes:a:b@c'])(
    'has %s in a group and among approvers',
    (entry) => {
      expect(faults(group(`["${entry}"]`) + approvals(`{approvers: ["${entry}"]}`))).toEqual([]);
    },
  );

  test.each(['rbac', 'group:ops', 'group:oidc:ops@acme.example', 'S024BE7LH', '@release'])(
    'has %s among approvers, and not in a group',
    (entry) => {
      expect(faults(approvals(`{approvers: ["${entry}"]}`))).toEqual([]);
      expect(faults(group(`["${entry}"]`))).toEqual([
        `groups.ops[0]: "${entry}" is not allowed; allowed: ${person}; no group is in a group`,
      ]);
    },
  );
});

describe('what is no YAML is said with line and column', () => {
  const deep = '['.repeat(100_000);
  const times = (what: string): string => Array(11).fill(what).join(',');
  const bomb = [`a: &a [x]`, `b: &b [${times('*a')}]`, `c: [${times('*b')}]`];
  const aliases = `a: &a [x]\nb: [${Array(101).fill('*a').join(',')}]`;

  test.each([
    ['a list without end', 'groups: [1,', /^line 1, column \d+: Flow sequence in block collection/],
    ['a tab', 'groups:\n\tops: [a@b]', /^line 2, column 1: Tabs are not allowed as indentation$/],
    ['a text without end', 'a: 1\nb: "x', /^line 2, column \d+: Missing closing "quote$/],
    ['a stray word', '"a": "b" hunter2\n', /^line 1, column 10: something stands here that does not/],
    ['a second document', 'groups: {}\n---\ngroups: {}\n', /^line 2, column 1: a second document begins/],
    ['a tag', 'groups: {}\nx: !env hunter2\n', /^line 2, column 4: tags \(!name\) are not allowed$/],
    ['a key that is a list', '? [a]\n: b\n', /^line 1, column 3: a key is a list or a section/],
    ['no anchor', 'groups: *hunter2\n', /^an alias \(\*name\) has no anchor \(&name\) before it$/],
    ['a bomb', bomb.join('\n'), /^more than 100 values come from aliases \(\*name\)$/],
    ['many aliases', aliases, /^more than 100 values come from aliases \(\*name\)$/],
    ['a deep one', deep, /^line 1, column \d+: nested too deep$/],
    ['a large one', `# ${'é'.repeat(524_288)}`, /^larger than 1 MiB$/],
    ['__proto__', 'groups:\n  __proto__: [a@b]\n', /^line 2, column 3: the key __proto__ is not allowed$/],
    ['__proto__ as text', '{"__proto__": {"a": 1}}', /^line 1, column 2: the key __proto__ is not/],
  ])('%s', (_what, text, message) => {
    const found = faults(text);

    expect(found).toEqual([expect.stringMatching(message)]);
    expect(found.join()).not.toContain('hunter2');
  });

  test('a key that is there twice, each time', () => {
    expect(faults('groups: {}\nenvironments: {"a": {}, a: {}}\ngroups: {}\n')).toEqual([
      'line 3, column 1: this key is here already; allowed: each key once',
      'line 2, column 25: this key is here already; allowed: each key once',
    ]);
  });

  test('a text of exactly 1 MiB is read', () => {
    expect(faults(`#${'x'.repeat(1024 * 1024 - 1)}`)).toEqual([]);
  });

  test('a long one is not compared key by key with itself, which would take minutes', () => {
    const lines = Array.from({ length: 90_000 }, (_one, index) => `k${index}: 1`);

    expect(faults(lines.join('\n'))).toHaveLength(11);
  });
});

describe('what is wrong is said with its place and what is allowed', () => {
  test.each([
    [
      '[1]',
      'a list is not allowed; allowed: a section with environments, groups, notifiers, clusters, watch',
    ],
    [
      'prod',
      'a text is not allowed; allowed: a section with environments, groups, notifiers, clusters, watch',
    ],
    [
      'enviroments: {token: hunter2}',
      'enviroments: unknown; allowed: environments, groups, notifiers, clusters, watch',
    ],
    ['toString: 1', 'toString: unknown; allowed: environments, groups, notifiers, clusters, watch'],
    [
      'environments:\n  # prod: {}\n',
      'environments: empty: what begins with # is a comment; allowed: environments by name',
    ],
    [
      group(`["${'a '.repeat(38)}xoxb-${'1'.repeat(12)}"]`),
      `groups.ops[0]: "${'a '.repeat(38)}***" is not allowed; allowed: ${person}; no group is in a group`,
    ],
    ['notifiers:', 'notifiers: empty: what begins with # is a comment; allowed: notifiers by name'],
    ['watch: {xoxb-1: [a]}', 'watch."***": there is no such cluster; allowed: default'],
    ['environments: [prod]', 'environments: a list is not allowed; allowed: environments by name'],
    [
      'environments: {Prod: {namespaces: [a]}}',
      `environments.Prod: this name is not allowed; allowed: ${names}`,
    ],
    [
      'environments: {"eu.prod": {namespaces: [a]}}',
      `environments."eu.prod": this name is not allowed; allowed: ${names}`,
    ],
    [
      'environments: {prod: 3}',
      'environments.prod: 3 is not allowed; allowed: a section with namespaces, approvals',
    ],
    ['environments: {prod: {}}', `environments.prod.namespaces: missing; allowed: ${namespaces}`],
    [
      'environments: {prod: {namespaces: shop}}',
      `environments.prod.namespaces: "shop" is not allowed; allowed: ${namespaces}`,
    ],
    [
      'environments: {prod: {namespaces: []}}',
      `environments.prod.namespaces: an empty list is not allowed; allowed: ${namespaces}`,
    ],
    [
      'environments: {prod: {namespaces: [a, "*"]}}',
      `environments.prod.namespaces[1]: "*" is not allowed; allowed: ${names}`,
    ],
    [
      environment('    aprovals: {}\n'),
      'environments.prod.aprovals: unknown; allowed: namespaces, approvals',
    ],
    ...['{}', '{deadline: 4h}', '{requesterMayApprove: true}'].map(
      (given) =>
        [
          approvals(given),
          `environments.prod.approvals.votes: missing; allowed: ${votes}; 0 = nobody, but for workloads that ask by annotation`,
        ] as const,
    ),
    [approvals('2'), `environments.prod.approvals: 2 is not allowed; allowed: ${section}`],
    [
      approvals('{votes: 1, vote: 2}'),
      'environments.prod.approvals.vote: unknown; allowed: votes, approvers, deadline, requesterMayApprove',
    ],
    ...['21', '-1', '1.5', '.nan', '.inf', '"2"', 'true'].map(
      (given) =>
        [
          approvals(`{votes: ${given}}`),
          `environments.prod.approvals.votes: ${{ '.nan': 'NaN', '.inf': 'Infinity' }[given] ?? given} is not allowed; allowed: ${votes}`,
        ] as const,
    ),
    ...['4', '"4"', '59s', '31d', '1w', 'true'].map(
      (given) =>
        [
          approvals(`{deadline: ${given}}`),
          `environments.prod.approvals.deadline: ${/[a-z]$/.test(given) && given !== 'true' ? `"${given}"` : given} is not allowed; allowed: ${deadline}`,
        ] as const,
    ),
    [
      approvals('{requesterMayApprove: yes}'),
      'environments.prod.approvals.requesterMayApprove: "yes" is not allowed; allowed: true or false',
    ],
    [
      approvals('{approvers: []}'),
      'environments.prod.approvals.approvers: an empty list is not allowed; allowed: a list of approvers, from 1 to 50',
    ],
    [
      approvals(`{approvers: ${addresses(51)}}`),
      'environments.prod.approvals.approvers: a list is not allowed; allowed: a list of approvers, from 1 to 50',
    ],
    ...[
      'ann',
      'a b@c',
      'a@b,c@d',
      'group:',
      'Group:ops',
      'u024BE7LH',
      'a@b\\u202e',
      `a@${'b'.repeat(252)}`,
    ].map(
      (given) =>
        [
          approvals(`{approvers: [rbac, "${given}"]}`),
          expect.stringMatching(/^environments\.prod\.approvals\.approvers\[1\]: ".*" is not allowed; /),
        ] as const,
    ),
    [
      approvals('{approvers: [ann]}'),
      `environments.prod.approvals.approvers[0]: "ann" is not allowed; allowed: ${approver}`,
    ],
    [group('ann@acme.example'), `groups.ops: "ann@acme.example" is not allowed; allowed: ${people}`],
    [group(addresses(51)), `groups.ops: a list is not allowed; allowed: ${people}`],
    [group('[[a@b]]'), `groups.ops[0]: a list is not allowed; allowed: ${person}`],
    ['groups: {Ops: [a@b]}', `groups.Ops: this name is not allowed; allowed: ${names}`],
    [
      `${environment('')}  stage: {namespaces: [test, shop]}\n`,
      'environments.stage.namespaces[1]: "shop" is in environments.prod.namespaces[0] already; allowed: each namespace once, in one environment',
    ],
    [
      'environments: {prod: {namespaces: [a, a]}}',
      'environments.prod.namespaces[1]: "a" is in environments.prod.namespaces[0] already; allowed: each namespace once, in one environment',
    ],
    [
      approvals('{votes: 3, approvers: [a@b, A@b, token:x]}'),
      'environments.prod.approvals.votes: 3 is not allowed; allowed: at most 2, as many as approvers',
    ],
    [
      group('[a@b]') + approvals('{votes: 2, approvers: [group:ops]}'),
      'environments.prod.approvals.votes: 2 is not allowed; allowed: at most 1, as many as approvers',
    ],
    [
      group(addresses(50)) + approvals('{approvers: [group:ops, rbac]}'),
      'environments.prod.approvals.approvers: 51 with the people of its groups; allowed: 50',
    ],
  ])('%s', (text, message) => {
    expect(faults(text)).toEqual([message]);
  });

  test('but not where votes may come from many', () => {
    expect(faults(approvals('{votes: 3, approvers: [rbac, a@b]}'))).toEqual([]);
    expect(faults(approvals('{votes: 3, approvers: [group:ops]}'))).toEqual([]);
    expect(faults(approvals('{votes: 3}'))).toEqual([]);
    expect(faults(group(addresses(49)) + approvals('{approvers: [group:ops, rbac]}'))).toEqual([]);
  });

  test('all at once, doubles too', () => {
    const text = `${approvals('{votes: 99, deadlines: 4h}')}  stage: {namespaces: [shop], x: 1}\ngroups: {a: []}\nz: 1\n`;

    expect(faults(text).map((line) => line.replace(/: .*/, ''))).toEqual([
      'environments.prod.approvals.votes',
      'environments.prod.approvals.deadlines',
      'environments.stage.x',
      'groups.a',
      'z',
      'environments.stage.namespaces[0]',
    ]);
  });

  test('ten at most', () => {
    const keys = Array.from({ length: 12 }, (_one, index) => `x${index}: 1`);

    expect(faults(keys.slice(0, 10).join('\n'))).toHaveLength(10);
    expect(faults(keys.join('\n'))).toEqual([
      ...keys
        .slice(0, 10)
        .map(
          (key) => `${key.slice(0, -3)}: unknown; allowed: environments, groups, notifiers, clusters, watch`,
        ),
      'and 2 more',
    ]);
  });

  test('in one line each, whatever a file holds', () => {
    expect(faults(`groups: {ops: ["a\\nb\\u001b[2J${'c'.repeat(200)}"]}`)).toEqual([
      `groups.ops[0]: "a\\u{a}b\\u{1b}[2J${'c'.repeat(73)}…" is not allowed; allowed: ${person}; no group is in a group`,
    ]);
    expect(faults('groups: {"a\\nb": [a@b]}')).toEqual([
      `groups."a\\u{a}b": this name is not allowed; allowed: ${names}`,
    ]);
  });

  test('by the name of the file; one that cannot be read too', () => {
    const cause = new Error('ENOENT: no such file or directory');
    const missing = () => {
      throw cause;
    };

    expect(() => readConfigFile('/etc/uk.yaml', () => '[')).toThrow(/^\/etc\/uk\.yaml: line 1, column 2: /);
    expect(() => readConfigFile('/etc/uk.yaml', missing)).toThrow(
      expect.objectContaining({
        ...{ code: 'bad-config', cause },
        message: 'UK_CONFIG=/etc/uk.yaml cannot be read: ENOENT: no such file or directory',
      }),
    );
  });
});

describe('any file', () => {
  /** Gives a configuration, or a refusal of at most eleven lines; never anything else. */
  const expectVerdict = (text: string): void => {
    const found = faults(text);
    expect(found.length).toBeLessThanOrEqual(11);
    if (found.length === 0)
      expect(read(text)).toEqual({
        ...{ environments: expect.any(Object), groups: expect.any(Object), notifiers: expect.any(Object) },
        ...{ clusters: expect.any(Object), watch: expect.any(Object) },
      });
  };
  const word = fc.oneof(
    fc.string(),
    fc.constantFrom('environments', 'groups', 'namespaces', 'approvals', 'votes', 'approvers', 'deadline'),
    fc.constantFrom('clusters', 'watch', 'kubeconfig', 'context', 'default', '*'),
    fc.constantFrom('notifiers', 'slack', 'events', 'quiet', 'template', 'env', 'file'),
    fc.constantFrom('prod', 'shop', 'ops', 'a@b', 'group:ops', '4h', '__proto__', 'constructor', 'toString'),
  );
  const leaf = fc.oneof(word, fc.double(), fc.boolean(), fc.constant(null), fc.integer({ min: -1, max: 21 }));
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 6 },
      leaf,
      fc.array(tie('value'), { maxLength: 4 }),
      fc.array(fc.tuple(word, tie('value')), { maxLength: 5 }).map((pairs) => Object.fromEntries(pairs)),
    ),
  }));
  /** Files that are nearly right. */
  const near = fc.record(
    {
      environments: fc.dictionary(
        fc.constantFrom('prod', 'stage', 'Prod'),
        fc.record(
          {
            namespaces: fc.oneof(fc.array(word), value),
            approvals: fc.oneof(fc.dictionary(word, value), value),
          },
          { requiredKeys: [] },
        ),
      ),
      groups: fc.oneof(fc.dictionary(word, fc.array(word)), value),
      notifiers: fc.oneof(fc.dictionary(word, fc.dictionary(word, value)), value),
      clusters: fc.oneof(fc.dictionary(word, fc.dictionary(word, value)), value),
      watch: fc.oneof(fc.dictionary(word, fc.array(word)), value),
    },
    { requiredKeys: [] },
  );

  test('of YAML gives a configuration or is refused', () => {
    fc.assert(
      fc.property(fc.oneof(value, near), (given) => expectVerdict(stringify(given))),
      { numRuns: 300 },
    );
  });

  test('of JSON gives a configuration or is refused', () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), value, near), (given) => expectVerdict(JSON.stringify(given))),
      { numRuns: 300 },
    );
  });

  test('of whatever text gives a configuration or is refused', () => {
    const character = fc.constantFrom(...Array.from('{}[]:,&*!|>%@`"\'#-?\n\t abc1~<=\u0000\u2028'));

    fc.assert(fc.property(fc.string({ unit: character, maxLength: 40 }), expectVerdict), { numRuns: 1000 });
  });

  test('that is right is the same again after it was written', () => {
    const name = fc.stringMatching(/^[a-z]([-a-z0-9]{0,8}[a-z0-9])?$/);
    const some = fc.constantFrom('a@b', 'c@d', 'token:x', 'kubernetes:y', 'U024BE7LH', 'slack:T1/U1');
    const said = fc.record(
      {
        votes: fc.integer({ min: 0, max: 20 }),
        approvers: fc.uniqueArray(some, { minLength: 1 }).map((list) => [...list, 'rbac', 'group:x']),
        requesterMayApprove: fc.boolean(),
      },
      { requiredKeys: ['votes'] },
    );
    const right = fc.record({
      environments: fc
        .dictionary(name, said)
        .map((all) =>
          Object.fromEntries(
            Object.entries(all).map(([key, approvals], index) => [
              key,
              { namespaces: [`ns-${index}`], approvals },
            ]),
          ),
        ),
      groups: fc.dictionary(name, fc.uniqueArray(some, { minLength: 1 })),
    });

    fc.assert(
      fc.property(right, (given) => {
        const once = read(stringify(given));

        expect(once).toEqual({ ...given, notifiers: {}, clusters: {}, watch: {} });
        expect(read(JSON.stringify(once))).toEqual(once);
      }),
    );
  });
});
