import { hostileTags } from '../support/hostile-tags.ts';
import type { Random } from '../support/random.ts';
import type { Seed } from './corpus.ts';

/** What is sent: where, and the bytes. */
export interface Shot {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const deep = JSON.parse(`${'['.repeat(500)}${']'.repeat(500)}`) as unknown;
const values: readonly unknown[] = [
  ...[null, true, false, 0, -1, 1.5e308, 2 ** 60, '', 'a', [], {}, [[]], [null], { a: {} }],
  ...['sha256:', `sha256:${'a'.repeat(64)}`, 'quay.io/acme/shop', 'quay.io/acme/shop:1.1.0@sha256:zz'],
  ...['a'.repeat(100_000), '/'.repeat(5000), ':'.repeat(5000), '%'.repeat(5000), '-'.repeat(20_000)],
  ...['https://[::1', 'http://a b', '\0', '\ud800', '🙂'.repeat(1000), '1.'.repeat(10_000)],
  Array.from({ length: 5000 }, (_, n) => `1.${n}.0`),
  Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`k${n}`, n])),
  deep,
  ...hostileTags,
];
const keys = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'length',
  '',
  '\0',
  'tag',
  'action',
  'type',
];
const types = [
  'application/json',
  'text/plain',
  'application/x-www-form-urlencoded',
  'application/cloudevents+json',
  'application/cloudevents-batch+json',
  'multipart/form-data; boundary=x',
  '',
];

/** A delivery that nobody has ever seen, made of one that somebody has. */
export function mutate(seed: Seed, others: readonly Seed[], random: Random): Shot {
  const { source, headers } = seed;
  const to = random.next() < 0.3 ? random.pick(others).source : source;
  const path = random.next() < 0.4 ? '/webhook' : `/webhook/${to}`;
  const query = random.pick([
    '?dryRun=true',
    '',
    '?registry=registry.example.com:5000',
    '?registry=//',
    '?x=%',
  ]);
  return {
    path: `${path}${query}`,
    headers: mutateHeaders(headers, others, random),
    body: random.next() < 0.7 ? mutatedValue(seed, random) : mutatedBytes(seed, random),
  };
}

function mutateHeaders(
  headers: Seed['headers'],
  others: readonly Seed[],
  random: Random,
): Readonly<Record<string, string>> {
  const dice = random.next();
  if (dice < 0.5) return headers;
  if (dice < 0.6) return {};
  if (dice < 0.7) return random.pick(others).headers;
  const name = random.pick(Object.keys(headers).concat('content-type'));
  if (dice < 0.85) return { ...headers, 'Content-Type': random.pick(types) };
  return { ...headers, [name]: random.pick(['', 'x', '{}', 'a'.repeat(2000), `sha256=${'0'.repeat(64)}`]) };
}

function mutatedValue({ body }: Seed, random: Random): Buffer {
  let value = body;
  for (let rounds = random.between(1, 3); rounds > 0; rounds--) value = change(value, random);
  // A key that is `__proto__` must be an own one, as it is when JSON is parsed.
  const text = JSON.stringify(value) as string | undefined;
  return Buffer.from((text ?? '').replaceAll('"__own_proto__"', '"__proto__"'));
}

/** One change somewhere inside. */
function change(value: unknown, random: Random): unknown {
  const isLeaf = typeof value !== 'object' || value === null || Object.keys(value).length === 0;
  if (isLeaf || random.next() < 0.15) return random.pick(values);
  if (Array.isArray(value)) {
    const at = random.between(0, value.length - 1);
    const dice = random.next();
    if (dice < 0.1) return value.toSpliced(at, 1);
    if (dice < 0.2) return [...(value as unknown[]), ...(value as unknown[])];
    return value.with(at, change(value[at], random));
  }
  const [key, inner] = random.pick(Object.entries(value as Readonly<Record<string, unknown>>));
  const dice = random.next();
  if (dice < 0.15) return Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));
  const other = random.pick(keys).replace('__proto__', '__own_proto__');
  if (dice < 0.3) return { ...value, [other]: inner };
  return { ...value, [key]: change(inner, random) };
}

function mutatedBytes({ text }: Seed, random: Random): Buffer {
  const bytes = Buffer.from(text);
  if (bytes.length === 0) return Buffer.from(random.pick(['{', '[', '"', ' ', '\0']));
  const at = random.between(0, bytes.length - 1);
  switch (random.between(0, 3)) {
    case 0:
      return bytes.subarray(0, at);
    case 1:
      return Buffer.concat([bytes, bytes.subarray(at)]);
    case 2:
      bytes[at] = random.between(0, 255);
      return bytes;
    default:
      return Buffer.concat([
        bytes.subarray(0, at),
        Buffer.from([random.between(0, 255)]),
        bytes.subarray(at),
      ]);
  }
}
