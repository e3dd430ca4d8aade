import { expect, test } from '@jest/globals';
import type { PushAnswer } from '../../src/flows/receive-push.ts';
import { aDeployment, type DeploymentObject } from '../support/deployment-object.ts';
import type { EventReceiver } from '../support/event-receiver.ts';
import { aFolder, type RunningService } from '../support/running-service.ts';

/** An update as the store has it, read past the product. */
export interface StoredUpdate {
  readonly phase: string;
  readonly approval?: {
    readonly given: readonly { readonly by: { readonly id: string }; readonly vote: string }[];
  };
}

/** What the main job's contract lends to the tests of approvals. */
export interface ApprovedJob {
  create(object: DeploymentObject): Promise<unknown>;
  read(deployment: string): Promise<DeploymentObject>;
  record(name: string, dataFolder: string): Promise<StoredUpdate>;
  /** Runs `work` with a service; the classic Deployment is `deployment`. */
  withService(
    deployment: string,
    work: (service: RunningService) => Promise<void>,
    environment: Readonly<Record<string, string>>,
  ): Promise<void>;
  receiver(): EventReceiver;
}

type Who = 'ann' | 'bob' | 'eve' | 'admin';
type Asked = Readonly<Record<string, unknown>>;

const tokens: Readonly<Record<Who, string>> = {
  ann: 'the-token-of-ann-0001',
  bob: 'the-token-of-bob-0002',
  eve: 'the-token-of-eve-0003',
  admin: 'the-token-of-the-admin-0004',
};
const pairs = Object.entries(tokens)
  .filter(([who]) => who !== 'admin')
  .map((pair) => pair.join(':'));
const hourMs = 3_600_000;

/** Asks the service as somebody. */
async function ask(
  { url }: RunningService,
  who: Who | undefined,
  path: string,
  body?: unknown,
): Promise<{ readonly status: number; readonly body: Asked }> {
  const response = await fetch(`${url}/api/v1/${path}`, {
    headers: who ? { authorization: `Bearer ${tokens[who]}` } : {},
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Asked };
}

function vote(
  service: RunningService,
  who: Who | undefined,
  event: Asked,
  word: 'approve' | 'reject' | 'override' = 'approve',
): ReturnType<typeof ask> {
  const { id, approval } = event as { id: string; approval: { hash: string } };
  const name = id.slice(0, id.indexOf('-', 'up-'.length));
  return ask(service, who, `updates/${name}/${word}`, { hash: approval.hash, reason: 'seen on staging' });
}

/** The main job where people have to let it through: from the push over their votes to the outgoing webhook. */
export function approvedJobTests({ create, read, record, withService, receiver }: ApprovedJob): void {
  const image = (name: string, tag: string): string => `quay.io/acme/${name}:${tag}`;
  const guarded = (name: string, votes: number): DeploymentObject =>
    aDeployment(name, [`app=${image(name, '1.0.0')}`], [], {
      'updatekate.dev/policy': 'semver',
      'updatekate.dev/approvals': String(votes),
      'updatekate.dev/approvers': 'token:ann token:bob',
      'updatekate.dev/approval-deadline': '1h',
    });
  const running = async (
    name: string,
  ): Promise<readonly [image: string | undefined, generation: unknown]> => {
    const { metadata, spec } = await read(name);
    return [spec.template.spec.containers[0]?.image, metadata.generation];
  };
  const told = ({ updates }: PushAnswer, what: string): Promise<Asked> =>
    receiver().find(({ id }) => id === `${updates[0] ?? 'none'}-${what}`);
  const typesOf = ({ updates }: PushAnswer): readonly string[] => [
    ...new Set(
      receiver()
        .events.filter(({ id }) => id.startsWith(`${updates[0] ?? 'none'}-`))
        .map(({ type }) => type),
    ),
  ];
  /** Runs the service for everybody's tokens, with a folder that outlives it. */
  const withVoters = async (
    work: (
      again: (work: (service: RunningService) => Promise<void>) => Promise<void>,
      data: string,
    ) => Promise<void>,
  ): Promise<void> => {
    const folder = aFolder();
    const environment = {
      ...{ UK_APPROVAL_TOKENS: pairs.join(' '), UK_ADMIN_TOKEN: tokens.admin },
      UK_DATA_DIR: folder.path,
    };
    try {
      await work((inner) => withService('free', inner, environment), folder.path);
    } finally {
      folder.remove();
    }
  };

  test('a workload that asks two people is moved by their votes, not by the push, and they are named', async () => {
    await Promise.all([
      create(guarded('asked', 2)),
      create(aDeployment('free', [`app=${image('free', '1.0.0')}`])),
    ]);

    await withVoters(async (again, data) => {
      await again(async (service) => {
        const { status, answer } = await service.push('quay.io/acme/asked', '1.1.0');
        const asked = await told(answer, 'awaiting-approval');
        const [name = ''] = answer.updates;

        expect(status).toBe(202);
        expect(asked).toMatchObject({
          ...{ type: 'update.awaiting-approval', image: image('asked', '1.1.0'), approvedBy: [] },
          approval: { votes: 2, given: [], approvers: ['token:ann', 'token:bob'] },
        });
        const { deadlineAt } = asked.approval as { deadlineAt: string };
        expect(Date.parse(deadlineAt) - Date.parse(String(asked.timestamp))).toBe(hourMs);
        expect((await ask(service, 'ann', 'approvals')).body).toMatchObject({ approvals: [{ name }] });

        expect(await vote(service, 'ann', asked)).toMatchObject({
          ...{ status: 200, body: { state: 'pending', votes: 2, given: [{ by: 'ann', vote: 'approve' }] } },
        });
        const refused = [await vote(service, undefined, asked), await vote(service, 'eve', asked)];
        refused.push(await vote(service, 'ann', asked));
        expect(refused.map((one) => one.status)).toEqual([401, 403, 409]);
        // Another Deployment, which asks nobody, goes all its way meanwhile.
        await told((await service.push('quay.io/acme/free', '1.1.0')).answer, 'succeeded');
        expect(await running('asked')).toEqual([image('asked', '1.0.0'), 1]);

        expect(await vote(service, 'bob', asked)).toMatchObject({ status: 200, body: { state: 'approved' } });
        expect(await told(answer, 'succeeded')).toMatchObject({
          ...{ image: image('asked', '1.1.0'), previousImage: image('asked', '1.0.0') },
          ...{ approvedBy: ['ann', 'bob'], approval: { votes: 2, given: [{ by: 'ann' }, { by: 'bob' }] } },
        });
        await told(answer, 'approved');
        expect(typesOf(answer)).toEqual(['update.awaiting-approval', 'update.approved', 'update.succeeded']);
        expect(await running('asked')).toEqual([image('asked', '1.1.0'), 2]);
        expect(await record(name, data)).toMatchObject({
          phase: 'Succeeded',
          approval: {
            given: [
              { by: { id: 'token:ann' }, vote: 'approve', via: 'api', reason: 'seen on staging' },
              { by: { id: 'token:bob' }, vote: 'approve', via: 'api', reason: 'seen on staging' },
            ],
          },
        });
      });
    });
  });

  test('what is rejected never moves, whoever pushes it again; a newer tag asks again', async () => {
    await create(guarded('refused', 1));

    await withVoters(async (again, data) => {
      await again(async (service) => {
        const { answer } = await service.push('quay.io/acme/refused', '1.1.0');
        const [name = ''] = answer.updates;
        const no = await vote(service, 'bob', await told(answer, 'awaiting-approval'), 'reject');

        expect(no).toMatchObject({ status: 200, body: { phase: 'Rejected', state: 'rejected' } });
        expect(await told(answer, 'rejected')).toMatchObject({
          message: 'rejected by bob: seen on staging',
          approval: { given: [{ by: 'bob', vote: 'reject' }] },
        });
        const same = await service.push('quay.io/acme/refused', '1.1.0');
        expect(same).toMatchObject({
          status: 200,
          answer: { updates: [], decisions: [{ verdict: 'skip', reason: 'already-recorded' }] },
        });
        const newer = await service.push('quay.io/acme/refused', '1.2.0');
        await told(newer.answer, 'awaiting-approval');

        expect(await running('refused')).toEqual([image('refused', '1.0.0'), 1]);
        expect(typesOf(answer)).toEqual(['update.awaiting-approval', 'update.rejected']);
        expect(await record(name, data)).toMatchObject({
          phase: 'Rejected',
          approval: { given: [{ by: { id: 'token:bob' }, vote: 'reject' }] },
        });
      });
    });
  });

  test("the first system's annotation asks its approvers, and gets who approved written into it", async () => {
    const key = 'initializer.kubernetes.io/oga';
    const said = '{"slack": {"channel": "#deploys", "approvers": ["@ann"]}}';
    const annotations = { 'updatekate.dev/policy': 'semver', [key]: said };
    await create(aDeployment('legacy', [`app=${image('legacy', '1.0.0')}`], [], annotations));

    await withVoters(async (again) => {
      await again(async (service) => {
        const { answer } = await service.push('quay.io/acme/legacy', '1.1.0');
        const asked = await told(answer, 'awaiting-approval');
        expect(asked).toMatchObject({ approval: { votes: 1, approvers: ['@ann'] } });
        // A handle of Slack's is nobody's name elsewhere.
        expect((await vote(service, 'ann', asked)).status).toBe(403);
        expect(await running('legacy')).toEqual([image('legacy', '1.0.0'), 1]);

        expect((await vote(service, 'admin', asked, 'override')).status).toBe(200);
        await told(answer, 'succeeded');

        expect(await running('legacy')).toEqual([image('legacy', '1.1.0'), 2]);
        const { metadata } = await read('legacy');
        expect(metadata.annotations?.[key]).toMatch(/approved_by[^]*admin/);
      });
    });
  });

  test('a service that starts again keeps the votes it had, asks nobody twice, and delivers once', async () => {
    await create(guarded('patient', 2));

    await withVoters(async (again, data) => {
      let pushed: PushAnswer = { pushes: [], decisions: [], updates: [] };
      let asked: Asked = {};
      await again(async (service) => {
        pushed = (await service.push('quay.io/acme/patient', '1.1.0')).answer;
        asked = await told(pushed, 'awaiting-approval');
        await vote(service, 'ann', asked);
      });
      expect(await record(pushed.updates[0] ?? '', data)).toMatchObject({
        ...{ phase: 'AwaitingApproval', approval: { given: [{ by: { id: 'token:ann' } }] } },
      });

      await again(async (service) => {
        expect(await vote(service, 'bob', asked)).toMatchObject({ status: 200, body: { state: 'approved' } });
        expect(await told(pushed, 'succeeded')).toMatchObject({ approvedBy: ['ann', 'bob'] });
      });

      expect(await running('patient')).toEqual([image('patient', '1.1.0'), 2]);
      const ids = receiver().events.map(({ id }) => id);
      expect(ids.filter((id) => id === `${pushed.updates[0] ?? ''}-awaiting-approval`)).toHaveLength(1);
    });
  });
}
