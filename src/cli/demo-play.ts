import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import type { Receiver } from './demo-receiver.ts';
import type { ServiceProcess } from './demo-service.ts';

const deadlineMs = 60_000;
const repository = 'quay.io/updatekate/shop';

const Answer = z.object({
  updates: z.array(z.string()),
  decisions: z.array(z.object({ from: z.string(), to: z.string(), reason: z.string().optional() })),
});
const Shop = z.object({
  spec: z.object({
    template: z.object({ spec: z.object({ containers: z.array(z.object({ image: z.string() })) }) }),
  }),
});

/** Plays the three acts. Rejects when one does not end as it should. */
export async function play(service: ServiceProcess, receiver: Receiver): Promise<void> {
  await ready(service);
  console.log(`The shop runs ${await image(service)}.`);

  console.log('\n1. Quay says: 1.1.0 was pushed.');
  const succeeded = await pushAndHear(service, receiver, '1.1.0');
  expectEqual('status', succeeded.status, 'succeeded');
  expectEqual('image', await image(service), `${repository}:1.1.0`);

  console.log('\n2. A late webhook says: 1.0.1 was pushed. That would be a step back.');
  const { decisions } = await push(service, '1.0.1');
  expectEqual('reason', decisions[0]?.reason, 'not-newer');
  expectEqual('image', await image(service), `${repository}:1.1.0`);

  console.log('\n3. Quay says: 1.2.0_broken was pushed. Nothing that runs it ever becomes ready.');
  const failed = await pushAndHear(service, receiver, '1.2.0_broken');
  expectEqual('status', failed.status, 'failed');
  expectEqual('reason', failed.reason, 'ImagePullBackOff');

  console.log('\nThat is the main job: newer tags are delivered, followed and told, older ones are refused.');
}

/** Prints what went wrong and gives the exit code. */
export function fail(error: unknown): number {
  console.error(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}`);
  return 1;
}

async function ready({ url }: ServiceProcess): Promise<void> {
  const deadline = AbortSignal.timeout(deadlineMs);
  while (!(await fetch(`${url}/readyz`, { signal: deadline })).ok)
    await pause(50, undefined, { signal: deadline });
}

/** Posts what Quay would, and tells the answer. */
async function push({ url }: ServiceProcess, tag: string): Promise<z.infer<typeof Answer>> {
  const body = { docker_url: repository, repository: 'updatekate/shop', updated_tags: [tag] };
  const response = await fetch(`${url}/webhook`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(deadlineMs),
  });
  const answer = Answer.parse(await response.json());
  for (const { from, to, reason } of answer.decisions) {
    console.log(`   answer ${response.status}: ${from} -> ${to}: ${reason ? `no, ${reason}` : 'yes'}`);
  }
  return answer;
}

/** Posts, and waits for the outgoing webhook that tells the end. */
async function pushAndHear(
  service: ServiceProcess,
  receiver: Receiver,
  tag: string,
): Promise<Readonly<Record<string, unknown>>> {
  const heard = receiver.next(AbortSignal.timeout(deadlineMs));
  await push(service, tag);
  const event = await heard;
  const told = [event.message].filter((words) => typeof words === 'string').map((words) => `, ${words}`);
  console.log(
    `   outgoing webhook: ${String(event.type)} after ${String(event.durationMs)} ms${told.join('')}`,
  );
  return event;
}

/** What the embedded cluster's Kubernetes API says the shop runs. */
async function image({ kubernetesUrl }: ServiceProcess): Promise<string> {
  const path = '/apis/apps/v1/namespaces/default/deployments/shop';
  const response = await fetch(`${kubernetesUrl}${path}`, { signal: AbortSignal.timeout(deadlineMs) });
  const { containers } = Shop.parse(await response.json()).spec.template.spec;
  return containers[0]?.image ?? '';
}

function expectEqual(what: string, found: unknown, wanted: string): void {
  if (found !== wanted) throw new Error(`${what} should be ${wanted}, it is ${String(found)}`);
}
