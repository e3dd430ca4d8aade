import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { registries } from '../../src/registries/index.ts';
import { fixturesOf } from '../support/registry-fixtures.ts';

/** A delivery to begin with. */
export interface Seed {
  readonly source: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The body as it is sent. */
  readonly text: string;
  /** The same as a value, where it is one. */
  readonly body: unknown;
}

interface Sample {
  readonly source: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly body_raw?: string;
}

const shared = new URL('../../../shared/conformance/payloads/', import.meta.url);

/** Every fixture of every dialect, and the samples beside the project where they are there. */
export function readCorpus(): readonly Seed[] {
  const own = registries.flatMap(({ name }) =>
    fixturesOf(name).map(([, { headers, body }]) => ({ source: name, headers, body })),
  );
  return [...own, ...readShared()].map(({ source, headers, body, body_raw: raw }: Sample) => ({
    ...{ source, headers, body },
    text: raw ?? JSON.stringify(body),
  }));
}

function readShared(): readonly Sample[] {
  if (!existsSync(shared)) {
    console.warn('the samples in ../shared/conformance/payloads are missing: own fixtures only');
    return [];
  }
  const files = readdirSync(shared).filter((file) => file.endsWith('.json'));
  return files.map((file) => JSON.parse(readFileSync(new URL(file, shared), 'utf8')) as Sample);
}
