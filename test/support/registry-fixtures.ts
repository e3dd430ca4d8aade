import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { Push, WebhookRequest } from '../../src/core/registry.ts';

const root = new URL('../../', import.meta.url);

/** A recorded delivery and the pushes that are in it. */
export interface RegistryFixture {
  /** What it is; with `malformed` in it, it is refused. */
  readonly kind: string;
  /** Where it comes from: a page or a file of the vendor's. */
  readonly where: string;
  /** When it was taken from there. */
  readonly date: string;
  readonly headers: Readonly<Record<string, string>>;
  /** `?registry=`, where the payload names no host. */
  readonly registry?: string;
  readonly body: unknown;
  readonly expect: readonly Push[];
}

/** The fixtures of a dialect by file name; none when there is no folder. */
export function fixturesOf(name: string): readonly (readonly [string, RegistryFixture])[] {
  const folder = new URL(`test/fixtures/registries/${name}/`, root);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => [file, JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as RegistryFixture]);
}

/** The request a dialect gets for a fixture. */
export function requestOf({ headers, registry, body }: RegistryFixture): WebhookRequest {
  const lower = Object.entries(headers).map(([key, value]) => [key.toLowerCase(), value]);
  const raw = Buffer.from(JSON.stringify(body));
  return {
    headers: Object.fromEntries(lower) as WebhookRequest['headers'],
    ...{ body, raw, registryHost: registry },
  };
}
