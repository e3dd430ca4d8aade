import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { startEmbeddedCluster, type EmbeddedCluster } from '../../src/embedded/index.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const deployments = '/apis/apps/v1/namespaces/default/deployments';
const imageUpdates = '/apis/updatekate.dev/v1alpha1/namespaces/default/imageupdates';
const clock = createFakeClock();
let cluster: EmbeddedCluster;

beforeAll(async () => {
  cluster = await startEmbeddedCluster({ clock, port: 0 });
  await clock.advance(1000);
});

afterAll(() => cluster.close());

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

async function call(method: string, path: string, body?: string, type = 'application/json'): Promise<Answer> {
  const response = await fetch(`${cluster.url}${path}`, {
    method,
    ...(body === undefined ? {} : { body, headers: { 'content-type': type } }),
  });
  return { status: response.status, body: (await response.json()) as Answer['body'] };
}

describe('HTTP face', () => {
  test('the sample shop runs', async () => {
    const { body } = await call('GET', deployments);
    const items = body.items as { metadata: { name: string }; status: { availableReplicas: number } }[];

    expect(items.map(({ metadata, status }) => [metadata.name, status.availableReplicas])).toEqual([
      ['cart', 1],
      ['payments', 1],
      ['shop', 2],
    ]);
  });

  test('the sample shop is of kubectl', async () => {
    const { body } = await call('GET', `${deployments}/shop`);
    const { managedFields } = body.metadata as { managedFields: readonly { manager: string }[] };

    expect(managedFields.map(({ manager }) => manager)).toEqual([
      'kubectl-create',
      'kube-controller-manager',
    ]);
  });

  test.each([
    ['GET', '/'],
    ['GET', '/api/v1/services'],
    ['GET', '/apis/apps/v1/deployments/shop'],
    ['GET', '/api/v1/namespaces/default/namespaces'],
    ['GET', `${deployments}/shop/log`],
    ['GET', `${deployments}/shop/scale/more`],
    ['GET', `${deployments}/`],
    ['GET', `${deployments}/%ff`],
    ['POST', '/apis/apps/v9/deployments'],
  ])('%s %s is not there', async (method, path) => {
    const { status, body } = await call(method, path, method === 'GET' ? undefined : '{}');

    expect([status, body.kind, body.reason]).toEqual([404, 'Status', 'NotFound']);
  });

  test.each([
    ['DELETE', deployments],
    ['PATCH', deployments],
    ['POST', `${deployments}/shop`],
    ['PUT', '/version'],
  ])('%s %s is not allowed', async (method, path) => {
    const { status, body } = await call(method, path, '{}');

    expect([status, body.reason]).toEqual([405, 'MethodNotAllowed']);
  });

  test.each<[string, string, number]>([
    ['no JSON', '{', 400],
    ['no object', '[]', 400],
    ['nothing', '', 400],
    ['another kind', '{"kind":"Pod"}', 400],
    ['another namespace', '{"metadata":{"name":"x","namespace":"y"}}', 400],
    ['too deep', '['.repeat(100_000), 400],
    ['no name', '{"spec":{}}', 422],
    ['a bad name', '{"metadata":{"name":"No Name"}}', 422],
    ['no spec', '{"metadata":{"name":"x"}}', 422],
    ['a wrong type', '{"metadata":{"name":"x"},"spec":{"replicas":"2"}}', 422],
    ['too much', `"${'a'.repeat(3 * 1024 * 1024)}"`, 413],
  ])('%s is refused', async (_name, body, expected) => {
    const answer = await call('POST', deployments, body);

    expect(answer.status).toBe(expected);
    expect(answer.body).toMatchObject({ kind: 'Status', status: 'Failure', code: expected });
  });

  test('brackets in text are no depth', async () => {
    const patch = { metadata: { annotations: { text: '["'.repeat(500) } } };
    const { status } = await call(
      'PATCH',
      `${deployments}/cart`,
      JSON.stringify(patch),
      'application/merge-patch+json',
    );

    expect(status).toBe(200);
  });

  test('a strategic merge of a custom resource is a 415, as is another format of a body', async () => {
    await call('POST', imageUpdates, '{"metadata":{"name":"u"},"spec":{"a":1}}');
    const strategic = await call(
      'PATCH',
      `${imageUpdates}/u`,
      '{}',
      'application/strategic-merge-patch+json',
    );
    const form = await call('POST', imageUpdates, 'a=b', 'application/x-www-form-urlencoded');

    expect([strategic.status, form.status]).toEqual([415, 415]);
    expect(strategic.body.message).toContain('application/merge-patch+json');
  });

  test('a custom resource keeps its spec and its status apart', async () => {
    const created = await call(
      'POST',
      imageUpdates,
      '{"metadata":{"name":"v"},"spec":{"a":1},"status":{"b":1}}',
    );
    const patch = '{"spec":{"a":2},"status":{"b":2}}';
    const main = await call('PATCH', `${imageUpdates}/v`, patch, 'application/merge-patch+json');
    const status = await call(
      'PATCH',
      `${imageUpdates}/v/status`,
      '{"spec":{"a":3},"status":{"b":3}}',
      'application/merge-patch+json',
    );
    const blind = await call('PUT', `${imageUpdates}/v`, '{"metadata":{"name":"v"},"spec":{"a":4}}');

    expect(created.body.status).toEqual({ phase: 'Pending' });
    expect(main.body).toMatchObject({ spec: { a: 2 }, metadata: { generation: 2 } });
    expect(main.body.status).toEqual({ phase: 'Pending' });
    expect(status.body).toMatchObject({ spec: { a: 2 }, status: { b: 3 }, metadata: { generation: 2 } });
    expect(blind.status).toBe(422);
  });

  test('a deletion with a precondition that does not hold is refused', async () => {
    await call('POST', imageUpdates, '{"metadata":{"name":"w"}}');
    const wrong = await call('DELETE', `${imageUpdates}/w`, '{"preconditions":{"uid":"other"}}');
    const dry = await call('DELETE', `${imageUpdates}/w?dryRun=All`);
    const right = await call('DELETE', `${imageUpdates}/w`);

    expect([wrong.status, dry.status, right.status]).toEqual([409, 200, 200]);
    expect(right.body).toMatchObject({ kind: 'Status', status: 'Success' });
    expect((await call('GET', `${imageUpdates}/w`)).status).toBe(404);
  });

  test('a patch without a merge key is refused', async () => {
    const patch = '{"spec":{"template":{"spec":{"containers":[{"image":"x:1"}]}}}}';
    const { status } = await call(
      'PATCH',
      `${deployments}/cart`,
      patch,
      'application/strategic-merge-patch+json',
    );

    expect(status).toBe(400);
  });

  test('a scale is shown as a table too', async () => {
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
    const response = await fetch(`${cluster.url}${deployments}/shop/scale`, { headers: { accept } });

    expect(await response.json()).toMatchObject({ kind: 'Table', rows: [{ cells: ['shop', '1s'] }] });
  });

  test('a taken port stops the start, naming the variable', async () => {
    const started = startEmbeddedCluster({ clock: createFakeClock(), port: cluster.port });

    await expect(started).rejects.toThrow(
      /cannot listen on 127\.0\.0\.1:\d+: .*EADDRINUSE.*UK_EMBEDDED_PORT/,
    );
  });

  test('a client finds out what is served', async () => {
    const { body } = await call('GET', '/apis/apps/v1');
    const names = (body.resources as { name: string }[]).map(({ name }) => name);

    expect(names).toEqual([
      ...['deployments', 'deployments/status', 'deployments/scale', 'replicasets'],
      ...['statefulsets', 'statefulsets/status', 'statefulsets/scale'],
      ...['daemonsets', 'daemonsets/status', 'controllerrevisions'],
    ]);
    expect((await call('GET', '/version')).body).toMatchObject({ major: '1' });
  });

  test('whatever comes is answered by a Status or an object, and the server lives on', async () => {
    const word = fc.constantFrom(
      'api',
      'apis',
      'v1',
      'apps',
      'namespaces',
      'default',
      'deployments',
      'shop',
      'scale',
      'status',
      'pods',
      '',
    );
    const path = fc
      .array(fc.oneof(word, fc.webSegment()), { maxLength: 8 })
      .map((parts) => `/${parts.join('/')}`);
    const type = fc.constantFrom('json-patch+json', 'merge-patch+json', 'strategic-merge-patch+json', 'json');
    const method = fc.constantFrom('POST', 'PUT', 'PATCH', 'DELETE', 'GET');
    const body = fc.oneof(
      fc.json(),
      fc.string(),
      fc.json().map((spec) => `{"spec":${spec}}`),
    );
    await fc.assert(
      fc.asyncProperty(method, path, body, type, async (verb, where, text, format) => {
        const answer = await call(verb, where, verb === 'GET' ? undefined : text, `application/${format}`);
        expect(answer.status).not.toBe(500);
      }),
    );

    expect((await call('GET', '/version')).status).toBe(200);
  });
});
