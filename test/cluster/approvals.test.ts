import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseAllDocuments, stringify } from 'yaml';
import { aDeployment } from '../support/deployment-object.ts';
import { aFolder, runService, type RunningService } from '../support/running-service.ts';
import { grantOwnPermissions } from './own-permissions.ts';
import { testCluster, type TestCluster } from './test-cluster.ts';
import { waitFor } from './wait-for.ts';

const namespace = `approvals-${Date.now().toString(36)}`;
const folder = aFolder();
let cluster: TestCluster;
let service: RunningService;

const kubectl = (...args: readonly string[]): Promise<string> =>
  cluster.kubectl([...args, '--namespace', namespace]);
const apply = (manifest: unknown): Promise<string> =>
  cluster.kubectl(['apply', '--namespace', namespace, '--filename', '-'], { input: stringify(manifest) });

beforeAll(async () => {
  cluster = await testCluster();
  await cluster.kubectl(['create', 'namespace', namespace]);
  const own = await grantOwnPermissions(cluster, namespace, folder.path);
  await people();
  process.env.KUBECONFIG = own.kubeconfigPath;
  service = await runService({
    ...{ UK_CLUSTER: 'kubeconfig', UK_STORE: 'kubernetes', UK_NAMESPACE: namespace },
    ...{ UK_DATA_DIR: folder.path, UK_APPROVAL_KUBERNETES: 'true', UK_ROLLOUT_POLL: '500ms' },
  });
});
afterAll(async () => {
  await service.stop();
  await cluster.kubectl([
    'delete',
    'clusterrolebinding',
    `updatekate-votes-${namespace}`,
    '--ignore-not-found',
  ]);
  await cluster.kubectl(['delete', 'namespace', namespace, '--wait=false']);
  await cluster.stop();
  folder.remove();
});

/** ServiceAccounts: two that may approve, one that may override, one that may look, some that may nothing yet. */
async function people(): Promise<void> {
  const roles: readonly (readonly [string, string])[] = [
    ...([
      ['ann', 'approve'],
      ['bob', 'approve'],
      ['root', 'override'],
      ['reader', 'get'],
    ] as const),
  ];
  for (const name of [...roles.map(([who]) => who), 'guest', 'nobody', 'gone'])
    await kubectl('create', 'serviceaccount', name);
  for (const [who, verb] of roles) await grant(who, { verbs: [verb] });
}

/** A role for one of them. kubectl create role knows the usual verbs only. */
async function grant(
  who: string,
  rule: { readonly verbs: readonly string[]; readonly resourceNames?: readonly string[] },
): Promise<void> {
  const rules = [{ apiGroups: ['updatekate.dev'], resources: ['imageupdates'], ...rule }];
  await apply({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name: who }, rules });
  await kubectl('create', 'rolebinding', who, `--role=${who}`, `--serviceaccount=${namespace}:${who}`);
}

/** The binding of k8s/kubernetes-votes, as an overlay makes it. */
async function delegation(): Promise<unknown> {
  const overlay = join(folder.path, 'overlay');
  mkdirSync(overlay, { recursive: true });
  const k8s = relative(overlay, 'k8s');
  const kustomization = { namespace, resources: [k8s], components: [`${k8s}/kubernetes-votes`] };
  writeFileSync(join(overlay, 'kustomization.yaml'), stringify(kustomization));
  const rendered = parseAllDocuments(await cluster.kubectl(['kustomize', overlay]));
  const found = rendered
    .map((document) => document.toJS() as { kind: string; metadata: { name: string } })
    .find(({ kind }) => kind === 'ClusterRoleBinding');
  if (!found) throw new Error('k8s/kubernetes-votes binds nothing');
  found.metadata.name += `-${namespace}`;
  return found;
}

const tokenOf = async (who: string): Promise<string> => (await kubectl('create', 'token', who)).trim();

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>> & { readonly error?: unknown };
}

async function ask(token: string, path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(`${service.url}/api/v1/${path}`, {
    headers: { authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Answer['body'] };
}

/** A Deployment that wants `votes`, pushed and waiting: the update's name and the hash of it. */
async function waiting(
  name: string,
  votes: number,
): Promise<{ readonly update: string; readonly hash: string }> {
  const annotations = {
    'updatekate.dev/policy': 'semver',
    'updatekate.dev/approvals': String(votes),
    'updatekate.dev/approvers': 'rbac',
  };
  await apply(aDeployment(name, [`app=quay.io/acme/${name}:1.0.0`], [], annotations));
  const update = await waitFor(`a push for ${name}`, 20_000, async () => {
    const { answer } = await service.push(`quay.io/acme/${name}`, '1.1.0');
    return answer.updates[0];
  });
  const hash = await waitFor(`${update} to ask`, 20_000, async () => {
    const text = await kubectl('get', 'imageupdate', update, '--output=jsonpath={.status.approval.hash}');
    return text === '' ? undefined : text;
  });
  return { update, hash };
}

const imageOf = (name: string): Promise<string> =>
  kubectl('get', 'deployment', name, '--output=jsonpath={..image}');

describe('votes of Kubernetes users', () => {
  test('are refused while Updatekate may not ask who they are, and the log says what is missing', async () => {
    const { status, body } = await ask(await tokenOf('ann'), 'approvals');

    expect([status, body.error]).toEqual([
      503,
      { code: 'unavailable', message: 'this is not possible now, try again later' },
    ]);
    const [line] = service.log.lines.filter(({ message }) => message === 'request cannot be served now');
    expect(String(line?.fields.error)).toMatch(/tokenreviews.*forbidden.*ClusterRole system:auth-delegator/s);

    await apply(await delegation());
    await waitFor('the binding', 20_000, async () => {
      return (await ask(await tokenOf('ann'), 'approvals')).status === 200 ? true : undefined;
    });
  });

  test('count as RBAC of the namespace says: two deliver', async () => {
    const { update, hash } = await waiting('shop', 2);
    const [ann, bob, nobody, reader] = await Promise.all(['ann', 'bob', 'nobody', 'reader'].map(tokenOf));

    const stranger = await ask(nobody ?? '', `updates/${update}/approve`, { hash });
    const onlooker = await ask(reader ?? '', `updates/${update}/approve`, { hash });
    const first = await ask(ann ?? '', `updates/${update}/approve`, { hash });
    const again = await ask(ann ?? '', `updates/${update}/approve`, { hash });
    const over = await ask(ann ?? '', `updates/${update}/override`, { hash, reason: 'now' });

    expect([stranger, onlooker, over].map(({ status }) => status)).toEqual([404, 403, 403]);
    expect(stranger.body).toMatchObject({ error: { message: `there is no update ${update}` } });
    expect(onlooker.body).toMatchObject({ error: { code: 'forbidden', reason: 'not-an-approver' } });
    const by = `system:serviceaccount:${namespace}:ann`;
    expect(first).toMatchObject({
      status: 200,
      body: { state: 'pending', votes: 2, given: [{ by, vote: 'approve', via: 'kubernetes' }] },
    });
    expect(again).toMatchObject({ status: 409, body: { error: { reason: 'voted-already' } } });
    expect(await imageOf('shop')).toBe('quay.io/acme/shop:1.0.0');

    const second = await ask(bob ?? '', `updates/${update}/approve`, { hash });
    expect(second).toMatchObject({ status: 200, body: { state: 'approved' } });
    await waitFor('the delivery', 30_000, async () => {
      return (await imageOf('shop')) === 'quay.io/acme/shop:1.1.0' ? true : undefined;
    });
    const given = '--output=jsonpath={.status.approval.given[*].by.id}';
    expect(await kubectl('get', 'iu', update, given)).toBe(
      `kubernetes:${by} kubernetes:${by.replace(/ann$/, 'bob')}`,
    );
  });

  test('that say no are the end, and kubectl shows it', async () => {
    const { update, hash } = await waiting('till', 1);

    const no = await ask(await tokenOf('bob'), `updates/${update}/reject`, { hash, reason: 'not today' });

    expect(no).toMatchObject({ status: 200, body: { phase: 'Rejected', state: 'rejected' } });
    expect(await kubectl('get', 'iu', update, '--no-headers')).toMatch(/ till +1\.1\.0 +Rejected +rejected /);
    expect(await imageOf('till')).toBe('quay.io/acme/till:1.0.0');
  });

  test('of whoever may override release alone', async () => {
    const { update, hash } = await waiting('cart', 2);
    const root = await tokenOf('root');

    const without = await ask(root, `updates/${update}/override`, { hash });
    const released = await ask(root, `updates/${update}/override`, { hash, reason: 'the shop is down' });

    expect(without).toMatchObject({ status: 400, body: { error: { reason: 'reason-missing' } } });
    expect(released).toMatchObject({ status: 200, body: { state: 'approved' } });
  });

  test('are shown what they may see', async () => {
    const { update } = await waiting('site', 1);
    // One name is not all of them: it is seen by its name, and is in no list.
    await grant('guest', { verbs: ['get', 'approve'], resourceNames: [update] });
    const seen = async (who: string): Promise<unknown> => {
      const token = await tokenOf(who);
      const { approvals } = (await ask(token, 'approvals')).body as {
        readonly approvals: readonly { name: string }[];
      };
      return [approvals.some(({ name }) => name === update), (await ask(token, `updates/${update}`)).status];
    };
    await waitFor('the role of guest', 20_000, async () => {
      return (await ask(await tokenOf('guest'), `updates/${update}`)).status === 200 ? true : undefined;
    });

    expect([await seen('ann'), await seen('reader'), await seen('guest'), await seen('nobody')]).toEqual([
      [true, 200],
      [true, 200],
      [false, 200],
      [false, 404],
    ]);
  });

  test('are listed in pages', async () => {
    const names = [(await waiting('one', 1)).update, (await waiting('two', 1)).update];
    const token = await tokenOf('ann');
    const listed: string[] = [];
    for (let next: unknown = ''; typeof next === 'string';) {
      const { status, body } = await ask(token, `approvals?limit=1${next === '' ? '' : `&continue=${next}`}`);
      expect(status).toBe(200);
      listed.push(...(body.approvals as readonly { readonly name: string }[]).map(({ name }) => name));
      next = body.continue;
    }

    expect(listed.filter((name) => names.includes(name))).toEqual(names);
    expect(new Set(listed).size).toBe(listed.length);
  });

  test('with a token that is garbage, made up or revoked are refused in the same words', async () => {
    const { update, hash } = await waiting('blog', 1);
    const revoked = await tokenOf('gone');
    await kubectl('delete', 'serviceaccount', 'gone');
    const ann = await tokenOf('ann');
    const forged = `${ann.slice(0, -8)}${ann.endsWith('AAAAAAAA') ? 'BBBBBBBB' : 'AAAAAAAA'}`;

    for (const token of [revoked, forged, 'garbage', '\u0085', 'system:anonymous'])
      expect(await ask(token, `updates/${update}/approve`, { hash })).toEqual({
        status: 401,
        body: { error: { code: 'unauthorized', message: 'the secret is missing or wrong' } },
      });
    const given = '--output=jsonpath={.status.approval.given}';
    expect(await kubectl('get', 'iu', update, given)).toBe('[]');
    expect(JSON.stringify(service.log.lines)).not.toContain(ann.slice(0, 100));
  });
});
