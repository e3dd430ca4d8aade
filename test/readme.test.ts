import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { outgoingEvent } from '../src/core/announcement.ts';
import { enter } from '../src/core/update.ts';
import { variables } from '../src/config/environment.ts';
import { anUpdate } from './support/builders.ts';
import { aFolder, runService, type RunningService } from './support/running-service.ts';

const readme = readFileSync('README.md', 'utf8');
const samples = [...readme.matchAll(/```json\n(.*?)```/gs)].map(
  ([, text = '']) => JSON.parse(text) as object,
);

describe('the README', () => {
  const folder = aFolder();
  let service: RunningService;
  beforeAll(async () => {
    service = await runService({
      UK_CLUSTER: 'embedded',
      UK_DEPLOYMENT: 'shop',
      UK_REPO: 'quay.io/updatekate/shop',
      UK_DATA_DIR: folder.path,
    });
  });
  afterAll(async () => {
    await service.stop();
    folder.remove();
  });

  test('shows the outgoing webhook with the keys it has', () => {
    const now = new Date();
    const ended = (['Delivering', 'RollingOut', 'Succeeded'] as const).reduce(
      (update, phase) => enter(update, phase, now),
      anUpdate(),
    );

    expect(Object.keys(samples[0] ?? {})).toEqual(Object.keys(outgoingEvent(ended) ?? {}));
  });

  test('shows a dry run whose answer is the real one', async () => {
    const [, body = ''] = /-d '(\{.*?\})'/.exec(readme) ?? [];

    const response = await fetch(`${service.url}/webhook?dryRun=true`, { method: 'POST', body });

    expect(await response.json()).toEqual(samples[1]);
  });

  test('names only variables and scripts that exist', () => {
    const names = new Set<string>(Object.values(variables).map(({ name }) => name));
    const scripts = (JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> })
      .scripts;
    const used = [...readme.matchAll(/\bUK_[A-Z_]+\b/g)].map(([name]) => name.replace(/_FILE$/, ''));
    const run = [...readme.matchAll(/npm run ([a-z:]+)/g)].map(([, name = '']) => name);

    expect(used.filter((name) => !names.has(name))).toEqual([]);
    expect(run.filter((name) => !(name in scripts))).toEqual([]);
  });
});

describe('docs/operations.md', () => {
  const page = readFileSync('docs/operations.md', 'utf8');
  const source = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(`src/${file}`, 'utf8'))
    .join('\n');

  test('explains log lines, reasons and metrics that exist', () => {
    const rows = [...page.matchAll(/^\| (`.*?) \|/gm)].map(([, cell = '']) => cell);
    const words = rows.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word));
    const metrics = [...page.matchAll(/updatekate_[a-z]+_[a-z]+(?:_seconds|_total)?/g)].map(([name]) => name);

    const unknown = [...words, ...metrics].filter((word) => !source.includes(word));
    expect(words.length).toBeGreaterThan(15);
    expect(unknown).toEqual([]);
  });

  test('explains every warning, every error, and every metric', () => {
    const lines = [...source.matchAll(/\blog(?:\.(?:warn|error)|\[[^\]]+\])\([^;]*?, '([^']+)'\)/gs)];
    const messages = new Set(lines.map(([, message = '']) => message));
    const ours = readFileSync('src/lib/metrics.ts', 'utf8');
    const metrics = [...ours.matchAll(/'(updatekate_[a-z_]+)'/g)].map(([, name = '']) => name);

    const said = [...messages, ...metrics];
    expect(messages.size).toBeGreaterThan(20);
    expect(metrics.length).toBeGreaterThan(3);
    expect(said.filter((words) => !page.includes(words))).toEqual([]);
  });
});
