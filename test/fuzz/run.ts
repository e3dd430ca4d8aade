import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { parseImageRef } from '../../src/core/image-ref.ts';
import { seeded } from '../support/random.ts';
import { fuzz } from './campaign.ts';
import { readCorpus } from './corpus.ts';
import { startTargets } from './service.ts';

const usage = 'npm run fuzz -- [SECONDS, 30 when not given] [--seed N]';

function readArguments(): { readonly seconds: number; readonly seed: number } {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { seed: { type: 'string' } },
  });
  const [given = '30', ...more] = positionals;
  const seconds = Number(given);
  const seed = Number(values.seed ?? randomInt(2 ** 31));
  const isRight = seconds > 0 && Number.isInteger(seed) && more.length === 0;
  if (isRight) return { seconds, seed };
  console.error(usage);
  process.exit(2);
}

const { seconds, seed } = readArguments();
const corpus = readCorpus();
// So that many bodies are of an image that somebody runs.
const repositories = new Set(
  corpus.flatMap(({ text }) =>
    [...text.matchAll(/"repository":"([a-z0-9.:-]+\/[a-z0-9./_-]+)"/g)].map(([, name = '']) => name),
  ),
);
const known = [...repositories].filter((name) => parseImageRef(name)).slice(0, 50);
const service = await startTargets(['quay.io/acme/shop', ...known]);
const end = performance.now() + seconds * 1000;
console.log(`seed ${seed}, ${corpus.length} deliveries to begin with, ${seconds} s`);
const { shots, statuses, slowestMs, findings } = await fuzz({
  ...{ url: service.url, corpus, random: seeded(seed, 'fuzz'), longestMs: 50 },
  goesOn: () => performance.now() < end,
});
await service.close();
for (const { what, shot } of findings) {
  console.log(`\n${what}: POST ${shot.path} ${JSON.stringify(shot.headers)}`);
  console.log(`  ${shot.body.toString('latin1').slice(0, 1000)}`);
}
const counts = [...statuses].toSorted().map(([status, count]) => `${status}: ${count}`);
console.log(`${shots} deliveries; answers ${counts.join(', ')}; slowest ${slowestMs.toFixed(1)} ms`);
console.log(findings.length === 0 ? 'nothing found' : `${findings.length} found; again with --seed ${seed}`);
process.exitCode = findings.length === 0 && shots > 0 ? 0 : 1;
