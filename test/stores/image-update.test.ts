import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parse } from 'yaml';
import { transitions } from '../../src/core/phases.ts';
import type { Update } from '../../src/core/update.ts';
import {
  changedImageUpdate,
  group,
  kind,
  newImageUpdate,
  plural,
  readImageUpdate,
  version,
} from '../../src/stores/image-update.ts';
import { anUpdate } from '../support/builders.ts';
import { anyUpdate, asNew } from './any-update.ts';

/** The object as the server would give it back: its status comes from the last write, the rest from the first. */
function served(update: Update, written?: Update): unknown {
  const metadata = { name: update.name, uid: 'uid-1', resourceVersion: '7' };
  const created = newImageUpdate(update) as object;
  const changed = written ? (changedImageUpdate(written, '6', 'me.1') as object) : {};
  return JSON.parse(JSON.stringify({ ...created, ...changed, metadata }));
}

/** The schema of an object, as far as it is looked at here. */
interface Schema {
  readonly type: string;
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

const { spec: definition } = parse(readFileSync('k8s/crd.yaml', 'utf8')) as {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly plural: string; readonly kind: string };
    readonly versions: readonly { readonly name: string; readonly schema: { openAPIV3Schema: Schema } }[];
  };
};
const schema = definition.versions[0]?.schema.openAPIV3Schema;

/** Where `value` has something that the schema lacks: the API server would drop it. */
function unknownTo(known: Schema | undefined, value: unknown, path: string): readonly string[] {
  if (!known) return [path];
  if (Array.isArray(value)) return value.flatMap((item) => unknownTo(known.items, item, `${path}[]`));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) =>
    unknownTo(known.properties?.[key], part, `${path}.${key}`),
  );
}

describe('an ImageUpdate', () => {
  test('comes back as the update that was written, whatever is in it', () => {
    fc.assert(
      fc.property(anyUpdate, (update) => {
        expect(readImageUpdate(served(asNew(update)))).toEqual({
          ...{ name: update.name, uid: 'uid-1', version: '7' },
          update: asNew(update),
        });
        expect(readImageUpdate(served(update, update)).update).toEqual(update);
      }),
    );
  });

  test('has no field that the schema would drop, and all that it demands', () => {
    fc.assert(
      fc.property(anyUpdate, (update) => {
        const object = served(update, update) as Record<string, object>;
        expect(unknownTo(schema, { ...object, metadata: {} }, '')).toEqual([]);
        for (const part of ['spec', 'status'] as const) {
          const required = schema?.properties?.[part]?.required ?? [];
          expect(Object.keys(object[part] ?? {})).toEqual(expect.arrayContaining([...required]));
        }
      }),
    );
  });

  test('holds what servers and terminals cannot in a form that they can', () => {
    const update = anUpdate({ tag: 'a\0b', message: '\uD83D', reason: 'ü'.repeat(300) });
    const history = Array.from({ length: 120 }, (_, n) => ({ phase: 'Pending' as const, at: `${n}` }));
    const { spec, status } = served(update, { ...update, message: '🚀'.repeat(2000), history }) as {
      readonly spec: Update;
      readonly status: Update;
    };

    expect(spec.tag).toBe('a\uFFFDb');
    expect(status.reason).toBe(`${'ü'.repeat(255)}…`);
    expect(status.message?.isWellFormed()).toBe(true);
    expect(status.message?.length).toBe(2048);
    expect(status.history.map(({ at }) => at)).toEqual(history.slice(20).map(({ at }) => at));
  });

  test('without a status is one in its first phase', () => {
    const object = served(anUpdate());

    expect(object).not.toHaveProperty('status');
    expect(readImageUpdate(object).update).toEqual(anUpdate());
  });
});

describe('k8s/crd.yaml', () => {
  const phases = Object.keys(transitions);
  const status = schema?.properties?.status?.properties;

  test('is the resource that the store asks for', () => {
    expect([definition.group, definition.versions.map(({ name }) => name)]).toEqual([group, [version]]);
    expect(definition.names).toMatchObject({ plural, kind });
  });

  test('knows the phases of the product, and no others', () => {
    expect(status?.phase?.enum).toEqual(phases);
    expect(status?.history?.items?.properties?.phase?.enum).toEqual(phases);
  });

  test('takes what the store cuts to length', () => {
    expect([status?.message?.maxLength, status?.reason?.maxLength, status?.history?.maxItems]).toEqual([
      2048, 256, 100,
    ]);
  });
});
