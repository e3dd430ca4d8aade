import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { runCli } from '../support/cli-process.ts';

const usage =
  'usage: updatekate explain --image REPO:TAG --policy P [--tags RE] [--prereleases off|same|all] ' +
  '--candidates A,B,C [--candidates-file F] [--candidate=TAG …] [--json]\n';
const right = ['--image', 'acme/shop:1.0.0', '--policy', 'semver'];

/** The one JSON document on stdout. */
async function explained(args: readonly string[]): Promise<unknown> {
  const { code, stdout, stderr } = await runCli(['explain', ...args, '--json']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

describe('updatekate explain', () => {
  let folder = '';
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'updatekate-explain-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('prints one JSON document', async () => {
    const answer = await explained([...right, '--candidates', '1.1.0, latest,,2.0.0-rc.1']);

    expect(answer).toEqual({
      selected: '1.1.0',
      considered: [
        { tag: '1.1.0', verdict: 'update', reason: null },
        { tag: 'latest', verdict: 'skip', reason: 'not-a-version' },
        { tag: '2.0.0-rc.1', verdict: 'skip', reason: 'pre-release' },
      ],
    });
  });

  test('ends well when nothing is selected, in a table too', async () => {
    expect(await runCli(['explain', '--image=acme/shop', '--policy=semver', '--candidates=1.1.0,x'])).toEqual(
      {
        code: 0,
        stdout: [
          'TAG    VERDICT  REASON',
          '1.1.0  skip     current-not-comparable  the running image has no tag',
          'x      skip     current-not-comparable  the running image has no tag',
          '',
          'nothing is selected\n',
        ].join('\n'),
        stderr: '',
      },
    );
  });

  test('takes any text as a candidate, and shows it so that a terminal does not obey it', async () => {
    const texts = ['-rf', '', 'a,b', '\u001b[2J', 'é', '1.1.0', '-h'];

    const { code, stdout } = await runCli([
      'explain',
      ...right,
      ...texts.map((text) => `--candidate=${text}`),
    ]);

    expect(code).toBe(0);
    expect(stdout.split('\n').map((line) => line.split(/ {2,}/).slice(0, 3))).toEqual([
      ['TAG', 'VERDICT', 'REASON'],
      ['-rf', 'skip', 'invalid-tag'],
      ['""', 'skip', 'invalid-tag'],
      ['a,b', 'skip', 'invalid-tag'],
      ['"\\u001b[2J"', 'skip', 'invalid-tag'],
      ['"\\u00e9"', 'skip', 'invalid-tag'],
      ['1.1.0', 'update'],
      ['-h', 'skip', 'invalid-tag'],
      [''],
      ['selected: 1.1.0'],
      [''],
    ]);
  });

  test.each([
    ['one tag a line', '1.1.0\r\n\n1.2.0\n'],
    ['a JSON array', '\ufeff["1.1.0", "1.2.0"]'],
  ])('reads a file with %s', async (_what, text) => {
    const answer = await explained([...right, '--candidates-file', file('tags', text), '--candidate=1.0.5']);

    expect(answer).toMatchObject({
      selected: '1.2.0',
      considered: [{ tag: '1.1.0' }, { tag: '1.2.0' }, { tag: '1.0.5' }],
    });
  });

  test('knows digests, filters and pre-releases', async () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    const pinned = [
      '--image',
      `acme/shop:1.4@${digest}`,
      '--policy',
      'digest',
      '--candidates',
      `1.4@${digest}`,
    ];
    const filtered = [...right, '--tags', '^1', '--prereleases', 'all', '--candidates', '2.0.0,1.1.0-rc.1'];

    expect(await explained(pinned)).toEqual({
      selected: null,
      considered: [{ tag: '1.4', verdict: 'skip', reason: 'not-newer' }],
    });
    expect(await explained(filtered)).toMatchObject({
      selected: '1.1.0-rc.1',
      considered: [{ reason: 'filtered' }, { reason: null }],
    });
  });

  test.each<[string, readonly string[], RegExp]>([
    ['no image', ['--policy', 'semver', '--candidates', '1'], /^--image is missing; allowed: .*REPO:TAG$/],
    [
      'an image that is none',
      ['--image', 'a b', '--policy', 'semver', '--candidates', '1'],
      /^--image a b is not an image reference; allowed: /,
    ],
    [
      'no policy',
      ['--image', 'a:1', '--candidates', '1'],
      /^--policy is missing; allowed: semver, .*, none$/,
    ],
    [
      'an unknown policy',
      ['--image', 'a:1', '--policy', 'yolo', '--candidates', '1'],
      /^--policy: unknown policy "yolo"; allowed: semver, .*, none$/,
    ],
    [
      'a wrong pattern in a policy',
      ['--image', 'a:1', '--policy', 'regex:(', '--candidates', '1'],
      /^--policy: policy "regex:\(": "\(" is not an RE2 pattern .*; allowed: /,
    ],
    [
      'a wrong filter',
      [...right, '--tags', '(', '--candidates', '1'],
      /^--tags: "\(" is not an RE2 pattern .*; allowed: /,
    ],
    [
      'a wrong pre-release mode',
      [...right, '--prereleases', 'some', '--candidates', '1'],
      /^--prereleases some is not allowed; allowed: off, same, all$/,
    ],
    ['no candidates', right, /^one of --candidates A,B,C, --candidates-file F, --candidate=TAG is needed$/],
    [
      'a missing file',
      [...right, '--candidates-file', '/nowhere/tags'],
      /^--candidates-file \/nowhere\/tags cannot be read \(ENOENT.*\); allowed: a file with one tag a line/,
    ],
    ['an unknown option', [...right, '--candidats', '1'], /^Unknown option '--candidats'/],
  ])('%s is a wrong call', async (_what, args, line) => {
    const { code, stdout, stderr } = await runCli(['explain', ...args]);

    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    const [first = '', ...rest] = stderr.split('\n');
    expect(first.replace('updatekate explain: ', '')).toMatch(line);
    expect(rest.join('\n')).toBe(usage);
  });

  test.each(['[1.1.0]', '["1.1.0", 2]', '[{"tag":"1.1.0"}]'])(
    'a file with %s is a wrong call',
    async (text) => {
      const path = file('wrong', text);

      const { code, stderr } = await runCli(['explain', ...right, '--candidates-file', path]);

      expect(code).toBe(2);
      expect(stderr).toContain(
        `--candidates-file ${path} is no JSON array of texts; allowed: that, or one tag a line`,
      );
    },
  );
});
