import { parseArgs } from 'node:util';
import type { RE2JS } from 're2js';
import { z } from 'zod';
import { AppError, messageOf } from '../core/errors.ts';
import { explain as explainPush, readCandidate, type Explanation, type Supposed } from '../core/explain.ts';
import { parseImageRef, type ImageRef } from '../core/image-ref.ts';
import type { Policy, PreReleases } from '../core/policy.ts';
import { policyModules, readPolicy } from '../core/policies/index.ts';
import { readPattern } from '../core/policies/shared/pattern.ts';
import type { Command, Terminal } from './command.ts';
import { alignColumns, printable } from './text-table.ts';

const options = {
  image: { type: 'string' },
  policy: { type: 'string' },
  tags: { type: 'string' },
  prereleases: { type: 'string', default: 'same' },
  candidates: { type: 'string' },
  'candidates-file': { type: 'string' },
  candidate: { type: 'string', multiple: true },
  json: { type: 'boolean', default: false },
} as const;

const Tags = z.array(z.string());

/** `updatekate explain`: why a tag would be taken or not. Needs no cluster, no service and no environment. */
export const explain: Command = {
  name: 'explain',
  usage:
    '--image REPO:TAG --policy P [--tags RE] [--prereleases off|same|all] ' +
    '--candidates A,B,C [--candidates-file F] [--candidate=TAG …] [--json]',
  summary: 'says which of these tags a container would be moved to, and why not to the others',
  run(args, terminal) {
    const { values } = parseArgs({ args: [...args], options });
    const supposed: Supposed = {
      ref: readImage(values.image),
      policy: readPolicyOption(values.policy),
      preReleases: readPreReleases(values.prereleases),
      tags: readTags(values.tags),
    };
    const { candidates: listed, 'candidates-file': file, candidate: given } = values;
    if (listed === undefined && file === undefined && given === undefined)
      throw wrong('one of --candidates A,B,C, --candidates-file F, --candidate=TAG is needed');
    const candidates = [
      ...(listed?.split(',') ?? []).map((text) => text.trim()).filter((text) => text !== ''),
      ...readFileOption(file, terminal),
      ...(given ?? []),
    ];
    const explanation = explainPush(supposed, candidates.map(readCandidate));
    terminal.print(values.json ? asJson(explanation) : asTable(explanation));
    return Promise.resolve(0);
  },
};

function wrong(message: string): AppError {
  return new AppError('bad-config', message);
}

function readImage(text: string | undefined): ImageRef {
  if (text === undefined) throw wrong('--image is missing; allowed: the image that runs, REPO:TAG');
  const ref = parseImageRef(text);
  if (ref) return ref;
  throw wrong(`--image ${printable(text)} is not an image reference; allowed: [HOST/]REPO[:TAG][@DIGEST]`);
}

function readPolicyOption(text: string | undefined): Policy {
  if (text === undefined) {
    throw wrong(`--policy is missing; allowed: ${policyModules.map(({ usage }) => usage).join(', ')}`);
  }
  const policy = readPolicy(text);
  if (typeof policy !== 'string') return policy;
  throw wrong(`--policy: ${printable(policy)}`);
}

function readPreReleases(text: string): PreReleases {
  if (text === 'off' || text === 'same' || text === 'all') return text;
  throw wrong(`--prereleases ${printable(text)} is not allowed; allowed: off, same, all`);
}

function readTags(text: string | undefined): RE2JS | undefined {
  const pattern = text === undefined ? undefined : readPattern(text);
  if (typeof pattern !== 'string') return pattern;
  throw wrong(
    `--tags: ${printable(pattern)}; allowed: an RE2 pattern, https://github.com/google/re2/wiki/Syntax`,
  );
}

/** One tag a line, or a JSON array of texts. */
function readFileOption(path: string | undefined, { readFile }: Terminal): readonly string[] {
  if (path === undefined) return [];
  const text = readOr(path, readFile).replace(/^\ufeff/, '');
  if (!text.trimStart().startsWith('[')) return text.split(/\r?\n/).filter((line) => line !== '');
  const tags = Tags.safeParse(parseJson(text));
  if (tags.success) return tags.data;
  throw wrong(
    `--candidates-file ${printable(path)} is no JSON array of texts; allowed: that, or one tag a line`,
  );
}

function readOr(path: string, readFile: Terminal['readFile']): string {
  try {
    return readFile(path);
  } catch (error) {
    const why = `--candidates-file ${printable(path)} cannot be read (${printable(messageOf(error))})`;
    throw wrong(`${why}; allowed: a file with one tag a line, or with a JSON array`);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function asJson({ selected, considered }: Explanation): string {
  return JSON.stringify({
    selected,
    considered: considered.map(({ tag, verdict, reason }) => ({ tag, verdict, reason })),
  });
}

function asTable({ selected, considered }: Explanation): string {
  const rows = considered.map(({ tag, verdict, reason, message }) => [
    ...[printable(tag), verdict, reason ?? '', message ?? ''],
  ]);
  const end = selected === null ? 'nothing is selected' : `selected: ${printable(selected)}`;
  return [...alignColumns([['TAG', 'VERDICT', 'REASON', ''], ...rows]), '', end].join('\n');
}
