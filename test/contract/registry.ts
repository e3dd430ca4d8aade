import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { longestPersonText } from '../../src/core/approval.ts';
import { AppError } from '../../src/core/errors.ts';
import { canonicalRepository, isImageTag } from '../../src/core/image-ref.ts';
import { oneLine } from '../../src/core/one-line.ts';
import { pushedTags } from '../../src/core/pushed-image.ts';
import type { Push, Registry, WebhookRequest } from '../../src/core/registry.ts';
import { noPushers, pushers } from '../support/pushers.ts';
import { fixturesOf, requestOf, type RegistryFixture } from '../support/registry-fixtures.ts';

const root = new URL('../../', import.meta.url);

/** In an order that does not depend on the sender's. */
export function sorted(pushes: readonly Push[]): readonly Push[] {
  return [...pushes].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

/** What every webhook dialect promises. */
export function registryContract(registry: Registry): void {
  const { name } = registry;
  const fixtures = fixturesOf(name);

  describe(`registry contract: ${name}`, () => {
    test('has a name for a path, the page that defines it, fixtures and a docs page', () => {
      expect(name).toMatch(/^[a-z][a-z0-9-]*$/);
      expect(registry.spec).toMatch(/^https:\/\//);
      expect(fixtures.length).toBeGreaterThan(0);
      expect(readFileSync(new URL(`docs/registries/${name}.md`, root), 'utf8')).toContain(`/webhook/${name}`);
    });

    test.each(fixtures)('%s says where it is from and when it was taken', (_file, { where, date, kind }) => {
      expect(where).not.toBe('');
      expect(date).toMatch(/^\d{4}-\d{2}-\d{2}$/);
      expect(kind).not.toBe('');
    });

    test.each(fixtures)('%s gives what is in it', (_file, fixture) => {
      if (fixture.kind.includes('malformed')) {
        expect(() => registry.parse(requestOf(fixture))).toThrow(
          expect.objectContaining({ code: 'bad-request' }),
        );
      } else {
        expect(sorted(registry.parse(requestOf(fixture)))).toEqual(sorted(fixture.expect));
      }
    });

    test('recognises every fixture that is a push', () => {
      const pushes = fixtures.filter(([, fixture]) => fixture.expect.length > 0);

      expect(pushes.length).toBeGreaterThan(0);
      for (const [file, fixture] of pushes) {
        expect([file, registry.recognises(requestOf(fixture))]).toEqual([file, true]);
      }
    });

    test('leaves what it was given as it was', () => {
      for (const [, fixture] of fixtures) {
        const request = requestOf(fixture);
        const before = JSON.stringify(request);

        outcome(registry, request);

        expect(JSON.stringify(request)).toBe(before);
      }
    });

    test('is total: any JSON gives pushes or bad-request', () => {
      fc.assert(
        fc.property(anyRequest(fixtures), (request) => {
          expectTotal(registry, request);
        }),
        { numRuns: 1000 },
      );
    });

    test.each(['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'])(
      'is total with the key %s anywhere, and no prototype changes',
      (key) => {
        for (const [, fixture] of fixtures) {
          for (const body of withKeyEverywhere(fixture.body, key)) {
            expectTotal(registry, { ...requestOf(fixture), body });
          }
        }
        expect({}).not.toHaveProperty('polluted');
      },
    );

    // One of them, since each is read hundreds of times.
    const says = fixtures.find(([, { expect: pushes }]) => pushes.some(({ pushedBy }) => pushedBy));
    if (says) {
      const [file, fixture] = says;

      test(`reads ${file} whatever it says of who pushed`, () => {
        const [one] = pushedTags(fixture.expect);
        const told = (value: unknown): readonly Push[] =>
          withValueEverywhere(fixture.body, value).flatMap((body) => {
            const request = { ...requestOf(fixture), body };
            expectTotal(registry, request);
            const result = outcome(registry, request);
            return result instanceof AppError ? [] : result;
          });

        for (const pusher of pushers) {
          expect(told(pusher)).toContainEqual({ ...one, pushedBy: oneLine(pusher, longestPersonText) });
        }
        for (const value of noPushers) expect(told(value)).toContainEqual(one);
      });
    }

    test('is total with what is nested deep', () => {
      for (const [open, close] of [
        ['[', ']'],
        ['{"a":', '}'],
      ] as const) {
        const deep = JSON.parse(`${open.repeat(5000)}1${close.repeat(5000)}`) as unknown;
        for (const [, fixture] of fixtures) {
          for (const body of withValueEverywhere(fixture.body, deep)) {
            expectTotal(registry, { ...requestOf(fixture), body });
          }
        }
      }
    });
  });
}

/** What came of a request: pushes, or the error. */
function outcome(registry: Registry, request: WebhookRequest): readonly Push[] | AppError {
  try {
    registry.recognises(request);
    return registry.parse(request);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}

/** Nothing but pushes that can be decided on, or `bad-request`. */
function expectTotal(registry: Registry, request: WebhookRequest): void {
  const result = outcome(registry, request);
  if (result instanceof AppError) {
    expect(result.code).toBe('bad-request');
    expect(result.message.length).toBeGreaterThan(registry.name.length);
    return;
  }
  for (const { repository, tag, digest, pushedBy } of result) {
    expect(canonicalRepository(repository)).toBe(repository);
    expect(typeof tag).toBe('string');
    expect(isImageTag(tag)).toBe(true);
    expect(pushedBy).not.toBe('');
    expect(pushedBy).toBe(pushedBy && oneLine(pushedBy, longestPersonText));
    expect(digest === null || /^[a-z0-9]+(?:[+._-][a-z0-9]+)*:[A-Za-z0-9=_-]+$/.test(digest)).toBe(true);
  }
}

/** Any JSON at all, and fixtures with any JSON in one of their places. */
function anyRequest(fixtures: readonly (readonly [string, RegistryFixture])[]): fc.Arbitrary<WebhookRequest> {
  const json = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<unknown>;
  const mutated = fc
    .tuple(fc.constantFrom(...fixtures.map(([, fixture]) => fixture)), json, fc.nat())
    .map(([fixture, value, n]) => {
      const bodies = withValueEverywhere(fixture.body, value);
      return { ...requestOf(fixture), body: bodies[n % bodies.length] };
    });
  const random = fc
    .record({ body: json, registryHost: fc.constantFrom(undefined, 'registry.example.com:5000') })
    .map((request) => ({ headers: {}, raw: Buffer.from(JSON.stringify(request.body)), ...request }));
  return fc.oneof(random, mutated);
}

/** Copies of `body`: each with `value` in the place of one of its nodes. */
function withValueEverywhere(body: unknown, value: unknown): readonly unknown[] {
  if (typeof body !== 'object' || body === null) return [value];
  const copies = Object.entries(body).flatMap(([key, inner]) =>
    withValueEverywhere(inner, value).map((changed) =>
      Array.isArray(body)
        ? body.map((item: unknown, n) => (String(n) === key ? changed : item))
        : { ...body, [key]: changed },
    ),
  );
  return [value, ...copies];
}

/** Copies of `body`: each with an own `key` in one of its objects, as JSON.parse would make it. */
function withKeyEverywhere(body: unknown, key: string): readonly unknown[] {
  if (typeof body !== 'object' || body === null) return [];
  const evil = JSON.parse(`{${JSON.stringify(key)}:{"polluted":true}}`) as object;
  const copies = Object.entries(body).flatMap(([name, inner]) =>
    withKeyEverywhere(inner, key).map((changed) =>
      Array.isArray(body)
        ? body.map((item: unknown, n) => (String(n) === name ? changed : item))
        : { ...body, [name]: changed },
    ),
  );
  return Array.isArray(body) ? copies : [{ ...evil, ...body }, ...copies];
}
