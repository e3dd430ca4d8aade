import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { AppError, type ErrorCode } from '../../src/core/errors.ts';
import type { Rest, RestCall } from '../../src/core/rest.ts';
import { group, version } from '../../src/stores/image-update.ts';
import { kind, longestPacked, longestPlain, longestText, plural } from '../../src/stores/journal.ts';
import { createKubernetesDocuments } from '../../src/stores/kubernetes-documents.ts';
import { documentsContract } from '../contract/documents.ts';
import { definitionOf } from '../k8s/manifests.ts';
import { seeded } from '../support/random.ts';
import { openEmbeddedStage, type EmbeddedStage } from './kubernetes-support.ts';

const signal = new AbortController().signal;
let stage: EmbeddedStage;

beforeAll(async () => {
  stage = await openEmbeddedStage();
});

afterAll(() => stage.close());

documentsContract('kubernetes, embedded', async () => {
  const namespace = await stage.newNamespace();
  return {
    documents: createKubernetesDocuments(stage.rest, namespace),
    again: () => Promise.resolve(createKubernetesDocuments(stage.rest, namespace)),
    close: () => Promise.resolve(),
  };
});

/** An API server that gives this answer, and keeps the calls. */
function answering(answer: unknown): Rest & { readonly calls: RestCall[] } {
  const calls: RestCall[] = [];
  return {
    calls,
    json(call) {
      calls.push(call);
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
    lines: () => Promise.reject(new Error('documents are not watched')),
  };
}

const written = { metadata: { resourceVersion: '7' } };
const kept = (spec: unknown): unknown => ({ ...written, spec });
const refused = (code: ErrorCode, message: string): AppError => new AppError(code, `kubernetes: ${message}`);
const name = 'deployment-events-v2-platform-till.json';
const path = `/apis/updatekate.dev/v1alpha1/namespaces/own/journals`;

/** What is sent to write `text`. */
async function sent(text: string, revision?: string): Promise<RestCall | undefined> {
  const api = answering(written);
  await createKubernetesDocuments(api, 'own').write(name, text, revision, signal);
  return api.calls[0];
}

/** How reading ends when the server has `answer`. */
async function read(answer: unknown): Promise<unknown> {
  return await createKubernetesDocuments(answering(answer), 'own').read(name, signal);
}

describe('the object', () => {
  const query = { fieldManager: 'updatekate', fieldValidation: 'Strict' };

  test('of a new text, and of one over another', async () => {
    const object = { apiVersion: 'updatekate.dev/v1alpha1', kind: 'Journal', spec: { bytes: 2, text: '{}' } };

    expect(await sent('{}')).toEqual({
      ...{ method: 'POST', path, query },
      body: { ...object, metadata: { name } },
    });
    expect(await sent('{}', '6')).toEqual({
      ...{ method: 'PUT', path: `${path}/${name}`, query },
      body: { ...object, metadata: { name, resourceVersion: '6' } },
    });
  });

  test.each([
    ['x'.repeat(longestPlain), 'text', longestPlain],
    ['x'.repeat(longestPlain + 1), 'gzip', longestPlain + 1],
    ['ü'.repeat(longestPlain / 2), 'text', longestPlain],
    ['ü'.repeat(longestPlain / 2 + 1), 'gzip', longestPlain + 2],
  ])('is packed from 64 KiB on: %#', async (text, form, bytes) => {
    const { spec } = (await sent(text))?.body as { readonly spec: object };

    expect(Object.keys(spec)).toEqual(['bytes', form]);
    expect(spec).toMatchObject({ bytes });
    expect(await read(kept(spec))).toEqual({ text, revision: '7' });
  });

  test('may be one that somebody else has packed', async () => {
    expect(await read(kept({ gzip: gzipSync('{"n":1}').toString('base64') }))).toEqual({
      ...{ text: '{"n":1}', revision: '7' },
    });
  });

  test.each([
    ['is not packed', Buffer.from('{}')],
    ['is cut', gzipSync('{"n":1}').subarray(0, 20)],
    ['is empty', Buffer.from('')],
    ['is without end', gzipSync(Buffer.alloc(longestText + 1))],
  ])('that %s is as damaged as a damaged text is, and can be replaced', async (_what, bytes) => {
    const gzip = bytes.toString('base64');

    expect(await read(kept({ gzip }))).toEqual({ text: gzip, revision: '7' });
  });

  test.each([['<html>'], [{}], [{ spec: { text: '' } }], [{ ...written, spec: { text: 1 } }]])(
    'that is none is no answer: %j',
    async (answer) => {
      await expect(read(answer)).rejects.toMatchObject({ code: 'unavailable' });
    },
  );

  test('is as long as etcd takes it, and what is longer is not sent', async () => {
    const random = seeded(1, 'packed');
    const digits = Array.from({ length: 2_600_000 }, () => random.between(0, 15).toString(16)).join('');
    const api = answering(written);

    const writing = createKubernetesDocuments(api, 'own').write(name, digits, undefined, signal);

    await expect(writing).rejects.toMatchObject({
      code: 'too-large',
      message: expect.stringMatching(
        `^kubernetes: document ${name} is too large for one object: 2600000 bytes, \\d{7} when packed; 1500000 of these fit$`,
      ) as unknown,
    });
    expect(api.calls).toEqual([]);
    const { spec } = (await sent(digits.slice(0, 1_900_000)))?.body as { readonly spec: { gzip: string } };
    expect(spec.gzip.length).toBeGreaterThan(0.9 * longestPacked);
  });

  test('is none for what could not be read again', async () => {
    await expect(sent('x'.repeat(longestText + 1))).rejects.toMatchObject({ code: 'too-large' });
  });
});

describe('what is never asked of the API server', () => {
  test.each(['', '.', '..', '../leases/x', 'a/b', 'Upper', 'a?x=1', 'a-', 'a..b', 'a'.repeat(254)])(
    'the name "%s"',
    async (odd) => {
      const api = answering(written);
      const documents = createKubernetesDocuments(api, 'own');

      await expect(documents.read(odd, signal)).rejects.toMatchObject({ code: 'invalid' });
      for (const revision of [undefined, '6'])
        await expect(documents.write(odd, '{}', revision, signal)).rejects.toMatchObject({ code: 'invalid' });
      expect(api.calls).toEqual([]);
    },
  );

  test.each(['', '0', '01', '-1', '1.5', 'x', '9'.repeat(20)])('a write over revision "%s"', async (odd) => {
    const api = answering(written);

    const writing = createKubernetesDocuments(api, 'own').write(name, '{}', odd, signal);

    await expect(writing).rejects.toMatchObject({ code: 'conflict' });
    expect(api.calls).toEqual([]);
  });
});

describe('a refusal', () => {
  const noObject = refused('not-found', `GET x answered 404: journals.updatekate.dev "${name}" not found`);
  const noCollection = refused(
    'not-found',
    'GET x answered 404: the server could not find the requested resource',
  );
  const noNamespace = refused('not-found', 'POST x answered 404: namespaces "own" not found');
  const forbidden = refused('forbidden', 'GET x answered 403: User "u" cannot get resource "journals"');
  const away = refused('unavailable', 'GET x: no answer (ECONNREFUSED)');
  const tooLarge = refused('unavailable', 'PUT x answered 500: etcdserver: request is too large');
  const install = 'kubernetes: journals.updatekate.dev is not installed: kubectl apply -f k8s/crd.yaml';
  const grant = `${forbidden.message}: kubectl apply -f k8s/role.yaml grants it, to updatekate notify k8s/notify/role.yaml`;
  const write = (answer: AppError, revision?: string) =>
    createKubernetesDocuments(answering(answer), 'own').write(name, '{}', revision, signal);

  test('that there is no such object is no document', async () => {
    expect(await read(noObject)).toBeUndefined();
  });

  test.each([
    ['the collection is missing', noCollection, { code: 'unavailable', message: install }],
    ['the namespace is missing', noNamespace, { code: 'unavailable', message: noNamespace.message }],
    ['it is forbidden', forbidden, { code: 'forbidden', message: grant }],
    ['there is no answer', away, { code: 'unavailable', message: away.message }],
    ['etcd takes less than usual', tooLarge, { code: 'too-large', message: tooLarge.message }],
  ])('that %s does not look like no document', async (_what, error, expected) => {
    await expect(read(error)).rejects.toMatchObject(expected);
    await expect(write(error)).rejects.toMatchObject(expected);
    await expect(write(error, '6')).rejects.toMatchObject(expected);
  });

  test.each([
    ['it is another revision', refused('conflict', 'PUT x answered 409'), '6'],
    ['it is gone', noObject, '6'],
    ['it is there', refused('conflict', 'POST x answered 409'), undefined],
  ])('that %s is a conflict', async (_what, error, revision) => {
    await expect(write(error, revision)).rejects.toMatchObject({
      code: 'conflict',
      message: `kubernetes: document ${name} is not at revision ${revision ?? 'none'}`,
    });
  });

  const nobodys = refused(
    'not-found',
    'GET x answered 404: journals.updatekate.dev "updatekate-check" not found',
  );
  const check = (answer: unknown) => createKubernetesDocuments(answering(answer), 'own').check(signal);

  test.each([
    ['nobody has written it', nobodys],
    ['somebody has', kept({ text: '' })],
  ])('is none at the start when the collection is there and may be read: %s', async (_what, answer) => {
    await expect(check(answer)).resolves.toBeUndefined();
  });

  test.each([
    ['the collection is missing', noCollection, { code: 'bad-config', message: install }],
    ['it is forbidden', forbidden, { code: 'bad-config', message: grant }],
    ['there is no answer', away, { code: 'unavailable' }],
  ])('at the start: %s', async (_what, error, expected) => {
    await expect(check(error)).rejects.toMatchObject(expected);
  });
});

test('whoever stops waiting has no answer', async () => {
  const stopped = AbortSignal.abort(new Error('shutting down'));
  const documents = createKubernetesDocuments(stage.rest, await stage.newNamespace());

  await expect(documents.read(name, stopped)).rejects.toBeInstanceOf(AppError);
  await expect(documents.write(name, '{}', undefined, stopped)).rejects.toBeInstanceOf(AppError);
  expect(await documents.read(name, signal)).toBeUndefined();
});

test('k8s/crd.yaml takes what is written, and as much of it', () => {
  const definition = definitionOf(kind) as {
    readonly spec: {
      readonly group: string;
      readonly names: { readonly plural: string; readonly kind: string };
      readonly versions: readonly [
        {
          readonly name: string;
          readonly schema: {
            readonly openAPIV3Schema: {
              readonly properties: {
                readonly spec: { readonly properties: Readonly<Record<string, unknown>> };
              };
            };
          };
        },
      ];
    };
  };
  const [served] = definition.spec.versions;
  const { properties } = served.schema.openAPIV3Schema.properties.spec;

  expect([definition.spec.group, served.name]).toEqual([group, version]);
  expect(definition.spec.names).toMatchObject({ plural, kind });
  expect(Object.keys(properties)).toEqual(['bytes', 'text', 'gzip']);
  expect(properties).toMatchObject({ text: { maxLength: longestPlain }, gzip: { maxLength: longestPacked } });
});
