import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { askedFor, longestPersonText, type Approval } from '../../src/core/approval.ts';
import { approvalAsked, annotationsOnly } from '../../src/core/approval-rules.ts';
import { count } from '../../src/core/ballot.ts';
import { transitions } from '../../src/core/phases.ts';
import { pushesOf } from '../../src/core/pushed-image.ts';
import { enter, type Announcement, type Update } from '../../src/core/update.ts';
import {
  changedImageUpdate,
  group,
  kind,
  newImageUpdate,
  plural,
  readImageUpdate,
  version,
} from '../../src/stores/image-update.ts';
import { definitionOf } from '../k8s/manifests.ts';
import { anUpdate, aWorkload } from '../support/builders.ts';
import { hostileTags } from '../support/hostile-tags.ts';
import { aBallot } from '../support/voters.ts';
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
  readonly minimum?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

const { spec: definition } = definitionOf('ImageUpdate') as {
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

/** Where `value` is what the schema forbids: the API server would refuse the whole object. */
function refusedBy(known: Schema | undefined, value: unknown, path: string): readonly string[] {
  if (!known) return [];
  if (Array.isArray(value)) {
    const tooMany = value.length > (known.maxItems ?? Infinity) ? [`${path}: maxItems`] : [];
    return [...tooMany, ...value.flatMap((item) => refusedBy(known.items, item, `${path}[]`))];
  }
  if (typeof value === 'string') {
    // The server counts letters, and a letter may be two units here.
    const tooLong = Array.from(value).length > (known.maxLength ?? Infinity) ? [`${path}: maxLength`] : [];
    return known.enum && !known.enum.includes(value) ? [...tooLong, `${path}: enum`] : tooLong;
  }
  if (typeof value === 'number') return value < (known.minimum ?? -Infinity) ? [`${path}: minimum`] : [];
  if (typeof value !== 'object' || value === null) return [];
  const has = Object.entries(value);
  const lacking = (known.required ?? []).filter((key) => !has.some(([one]) => one === key));
  return [
    ...lacking.map((key) => `${path}.${key}: required`),
    ...has.flatMap(([key, part]) => refusedBy(known.properties?.[key], part, `${path}.${key}`)),
  ];
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

  test('says who pushed where that is known, and is the same without', () => {
    const [known, unknown] = [anUpdate({ pushedBy: 'robot$ci' }), anUpdate()];

    expect(served(known)).toMatchObject({ spec: { pushedBy: 'robot$ci' } });
    expect((served(unknown) as { readonly spec: object }).spec).not.toHaveProperty('pushedBy');
    expect(readImageUpdate(served(known)).update).toEqual(known);
    expect(readImageUpdate(served(unknown)).update).not.toHaveProperty('pushedBy');
  });

  test('that says of who pushed what no version writes cannot be read, and says where', () => {
    const object = served(anUpdate()) as { readonly spec: object };

    expect(readImageUpdate({ ...object, spec: { ...object.spec, pushedBy: ['ann'] } }).update).toMatch(
      /^spec\.pushedBy: /,
    );
  });

  test('is taken by the API server and comes back, whatever a registry calls whoever pushed', () => {
    const anyName = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 700 }),
      fc.constantFrom(...hostileTags, 'x'.repeat(5000), '🚀'.repeat(2100), '\ud83d'.repeat(600)),
    );
    fc.assert(
      fc.property(anyName, (name) => {
        const [push] = pushesOf('quay.io/acme/shop', '1.1.0', null, name);
        const pushedBy = push?.pushedBy;
        const update = anUpdate(pushedBy === undefined ? {} : { pushedBy });

        expect(refusedBy(schema, served(update), '')).toEqual([]);
        expect(readImageUpdate(served(update)).update).toEqual(update);
        expect(pushedBy ?? '').not.toMatch(/[\n\r\p{C}]/u);
      }),
    );
  });

  test('without a status is one in its first phase', () => {
    const object = served(anUpdate());

    expect(object).not.toHaveProperty('status');
    expect(readImageUpdate(object).update).toEqual(anUpdate());
  });
});

describe('the gate of people', () => {
  const now = new Date('2026-01-01T00:00:00Z');
  const approval: Approval = {
    ...askedFor(
      anUpdate(),
      { votes: 1, approvers: ['rbac'], deadlineMs: 3_600_000, requesterMayApprove: false, channel: 'ops' },
      now,
      'eve',
    ),
    given: [
      {
        by: { id: 'ann@acme.example', name: 'ann', fullName: 'Ann', email: 'ann@acme.example' },
        ...{ vote: 'override', at: now.toISOString(), via: 'api', reason: 'outage' },
      },
    ],
  };
  const written = anUpdate({ phase: 'AwaitingApproval', approval });
  const object = served(written, written) as { readonly status: { readonly approval: object } };
  const withApproval = (different: object): unknown => {
    const status = { ...object.status, approval: { ...object.status.approval, ...different } };
    return readImageUpdate({ ...object, status }).update;
  };

  test('comes back vote by vote', () => {
    expect(readImageUpdate(object).update).toEqual(written);
  });

  test.each([
    ['no votes wanted', { votes: 0 }, 'status.approval.votes'],
    ['half a vote wanted', { votes: 1.5 }, 'status.approval.votes'],
    ['no approvers', { approvers: undefined }, 'status.approval.approvers'],
    ['no deadline', { deadlineAt: undefined }, 'status.approval.deadlineAt'],
    ['a deadline that is no time', { deadlineAt: 'never' }, 'status.approval.deadlineAt'],
    ['no hash', { hash: undefined }, 'status.approval.hash'],
    ['no votes given', { given: undefined }, 'status.approval.given'],
    ['nothing said of who asked', { requesterMayApprove: undefined }, 'status.approval.requesterMayApprove'],
    [
      'a vote of another version',
      { given: [{ ...approval.given[0], vote: 'abstain' }] },
      'status.approval.given.0.vote',
    ],
    [
      'a vote of nobody',
      { given: [{ ...approval.given[0], by: { name: 'ann' } }] },
      'status.approval.given.0.by.id',
    ],
  ])('with %s cannot be read, and says where', (_what, different, path) => {
    expect(withApproval(different)).toMatch(new RegExp(`^${path.replaceAll('.', '\\.')}: `));
  });

  test('is in the schema as the store reads it', () => {
    expect(refusedBy(schema, object, '')).toEqual([]);
    expect(unknownTo(schema, { ...object, metadata: {} }, '')).toEqual([]);
    const gate = schema?.properties?.status?.properties?.approval;
    const vote = gate?.properties?.given?.items;
    expect(gate?.required).toEqual([
      'votes',
      'approvers',
      'requesterMayApprove',
      'deadlineAt',
      'hash',
      'given',
    ]);
    expect(vote?.required).toEqual(['by', 'vote', 'at', 'via']);
    expect(vote?.properties?.vote?.enum).toEqual(['approve', 'reject', 'override']);
    expect([gate?.properties?.votes?.minimum, vote?.properties?.by?.required]).toEqual([1, ['id', 'name']]);
  });

  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.constantFrom(...hostileTags),
    fc.constantFrom('x'.repeat(5000), '🚀'.repeat(2100), 'y '.repeat(700)),
  );
  const legacy = fc
    .tuple(fc.oneof(fc.constant('ops'), text), text)
    .map(([channel, name]) => JSON.stringify({ slack: { channel, approvers: ['ann', name] } }));
  const annotations = fc.oneof(
    fc.record({ 'updatekate.dev/approvers': text.map((names) => `rbac ${names}`) }),
    fc.record({ 'updatekate.dev/approvers': fc.constantFrom('rbac', 'rbac ann@acme.example') }),
    fc.record({ [annotationsOnly.legacyKey]: legacy }),
  );

  test('is what the API server takes, and comes back the same, whatever workloads and people say', () => {
    let counted = 0;
    fc.assert(
      fc.property(annotations, text, text, text, (said, requester, name, reason) => {
        const asked = approvalAsked(aWorkload({ annotations: said }), annotationsOnly);
        if (asked.kind !== 'rules') return;
        const update = enter(anUpdate(), 'AwaitingApproval', now);
        const waiting = { ...update, approval: askedFor(update, asked.rules, now, requester) };
        const person = { id: name, name, fullName: name, email: name };
        const voter = { person, names: asked.rules.approvers, rbac: true, mayOverride: true, via: 'api' };

        const result = count(waiting, aBallot(waiting, '', { voter, vote: 'reject', reason }), now);

        const ended = result.kind === 'counted' ? result.update : waiting;
        counted += Number(result.kind === 'counted');
        const given = served(ended, ended);
        expect(refusedBy(schema, given, '')).toEqual([]);
        const { approval: back } = readImageUpdate(given).update as Update;
        expect(back).toEqual(ended.approval);
      }),
      { numRuns: 1000 },
    );
    expect(counted).toBeGreaterThan(100);
  });
});

test('a record of another version is read, though it tells of what this one does not know', () => {
  const announcement: Announcement = {
    ...{ receiver: 'webhook', event: 'update.teleported', state: 'pending', attempts: 2 },
    dueAt: '2026-01-01T00:00:00.000Z',
  };
  const update = anUpdate({ phase: 'Delivering', announcements: [announcement] });
  const object = served(update, update) as { readonly status: object };

  const read = readImageUpdate({ ...object, status: { ...object.status, moods: ['calm'] } });

  expect(read.update).toEqual(update);
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

  test('takes whoever pushed as long as he may be', () => {
    const { spec } = schema?.properties ?? {};

    expect(spec?.properties?.pushedBy?.maxLength).toBe(longestPersonText);
    expect(spec?.required).not.toContain('pushedBy');
  });

  test('takes what the store cuts to length', () => {
    expect([status?.message?.maxLength, status?.reason?.maxLength, status?.history?.maxItems]).toEqual([
      2048, 256, 100,
    ]);
  });
});
