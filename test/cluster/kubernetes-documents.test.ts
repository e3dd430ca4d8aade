import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Documents } from '../../src/core/documents.ts';
import { longestPacked, longestPlain } from '../../src/stores/journal.ts';
import { createKubernetesDocuments } from '../../src/stores/kubernetes-documents.ts';
import { documentsContract } from '../contract/documents.ts';
import { onOwnCluster } from './own-cluster.ts';
import { openOwnNamespace, type OwnNamespace } from './own-namespace.ts';
import { waitFor } from './wait-for.ts';

const name = 'deployment-events-v2-platform-till.json';
const signal = new AbortController().signal;
let own: OwnNamespace;
/** What is said of a cluster that lacks the custom resource: at the start, of reading and of writing. */
let withoutDefinition: readonly unknown[];

beforeAll(async () => {
  own = await openOwnNamespace('documents', async (admin, namespace) => {
    const early = createKubernetesDocuments(admin, namespace);
    const calls = [early.check(signal), early.read(name, signal), early.write(name, '{}', undefined, signal)];
    const ends = await Promise.allSettled(calls);
    withoutDefinition = ends.map((end) => (end.status === 'rejected' ? end.reason : end.value) as unknown);
  });
});

afterAll(() => own.close());

const again = (): Promise<Documents> => Promise.resolve(createKubernetesDocuments(own.rest, own.name));

/** The documents of the namespace, of which there are none. */
async function openEmpty(): Promise<Documents> {
  await own.clear('journals');
  return await again();
}

documentsContract('kubernetes, a real API server', async () => ({
  ...{ documents: await openEmpty(), again },
  close: () => Promise.resolve(),
}));

describe('a document', () => {
  /** Text that is about `chars` long when it is packed: gzip can do nothing with it but undo the base64. */
  const packingTo = (chars: number): string => randomBytes((chars * 3) / 4).toString('base64');

  test('as long as an object may be is taken', async () => {
    const documents = await openEmpty();
    const text = packingTo(0.98 * longestPacked);

    const revision = await documents.write(name, text, undefined, signal);

    const { spec } = JSON.parse(await own.kubectl(['get', 'journal', name, '-o', 'json'])) as {
      readonly spec: { readonly gzip: string };
    };
    expect(spec.gzip.length).toBeGreaterThan(0.97 * longestPacked);
    expect((await documents.read(name, signal))?.text === text).toBe(true);
    await documents.write(name, '{}', revision, signal);
  });

  test('longer than etcd takes it is refused in the words that we know', async () => {
    const [annotation, gzip] = ['a'.repeat(200_000), 'a'.repeat(1_400_000)];
    const metadata = { name, annotations: { more: annotation } };
    const body = {
      apiVersion: 'updatekate.dev/v1alpha1',
      kind: 'Journal',
      metadata,
      spec: { bytes: 1, gzip },
    };
    await openEmpty();

    const writing = own.rest.json({ method: 'POST', path: own.pathOf('journals'), body }, signal);

    await expect(writing).rejects.toThrow('etcdserver: request is too large');
  });

  test('as long as one may be without being packed is taken, whatever is in it', async () => {
    const documents = await openEmpty();
    // The worst that JSON makes of a letter is six.
    const text = '\u0001'.repeat(longestPlain);

    const revision = await documents.write(name, text, undefined, signal);

    expect(await documents.read(name, signal)).toEqual({ text, revision });
  });

  onOwnCluster('is there after the API server was killed', async () => {
    const documents = await openEmpty();
    const revision = await documents.write(name, '{"n":1}', undefined, signal);

    await own.cluster.apiServer?.kill('SIGKILL');
    await expect(documents.read(name, signal)).rejects.toMatchObject({ code: 'unavailable' });
    await own.cluster.apiServer?.start();
    const found = await waitFor('an answer', 30_000, () =>
      documents.read(name, signal).catch(() => undefined),
    );

    expect(found).toEqual({ text: '{"n":1}', revision });
  });
});

describe('kubectl', () => {
  test('get journals says how long each is, and how old', async () => {
    const documents = await openEmpty();
    await documents.write(name, '{"n":1}', undefined, signal);

    const lines = (await own.kubectl(['get', 'journals'])).trimEnd().split('\n');

    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^NAME +BYTES +AGE$/);
    expect(lines[1]).toMatch(new RegExp(`^${name} +7 +\\d+s$`));
  });

  const object = {
    ...{ apiVersion: 'updatekate.dev/v1alpha1', kind: 'Journal', metadata: { name: 'junk' } },
    spec: { bytes: 2, text: '{}' },
  };
  test.each([
    ['no spec', { ...object, spec: undefined }, 'spec: Required value'],
    ['no size', { ...object, spec: { text: '{}' } }, 'spec.bytes: Required value'],
    ['no text', { ...object, spec: { bytes: 2 } }, 'text or gzip, one of them'],
    ['two texts', { ...object, spec: { bytes: 2, text: '{}', gzip: 'AAAA' } }, 'text or gzip, one of them'],
    ['no size that is one', { ...object, spec: { bytes: -1, text: '{}' } }, 'spec.bytes: Invalid value'],
    ['an unknown field', { ...object, spec: { ...object.spec, colour: 'red' } }, 'spec.colour'],
  ])('apply of %s is refused by name', async (_what, junk, field) => {
    await expect(own.kubectl(['apply', '--filename', '-'], JSON.stringify(junk))).rejects.toThrow(field);
  });

  test('apply of what is right is not', async () => {
    const documents = await openEmpty();
    await own.kubectl(['apply', '--filename', '-'], JSON.stringify(object));

    expect(await documents.read('junk', signal)).toMatchObject({ text: '{}' });
  });
});

describe('the start', () => {
  onOwnCluster('without the custom resource is a fault of the configuration, and says what to do', () => {
    const message = 'kubernetes: journals.updatekate.dev is not installed: kubectl apply -f k8s/crd.yaml';

    expect(withoutDefinition).toEqual(
      ['bad-config', 'unavailable', 'unavailable'].map(
        (code) => expect.objectContaining({ code, message }) as unknown,
      ),
    );
  });

  test('in a namespace where the Role is missing is one too', async () => {
    const elsewhere = createKubernetesDocuments(own.rest, 'default');
    const message = expect.stringMatching(
      /cannot (get|create) resource "journals".*: kubectl apply -f k8s\/role\.yaml grants it, to updatekate notify k8s\/notify\/role\.yaml$/,
    ) as unknown;

    await expect(elsewhere.check(signal)).rejects.toMatchObject({ code: 'bad-config', message });
    await expect(elsewhere.read(name, signal)).rejects.toMatchObject({ code: 'forbidden', message });
    await expect(elsewhere.write(name, '{}', undefined, signal)).rejects.toMatchObject({
      ...{ code: 'forbidden', message },
    });
  });

  test('with all that k8s/ grants is none', async () => {
    await expect(createKubernetesDocuments(own.rest, own.name).check(signal)).resolves.toBeUndefined();
  });
});
