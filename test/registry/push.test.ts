import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { freePorts } from '../cluster/free-ports.ts';
import { aDeployment } from '../support/deployment-object.ts';
import { startEventReceiver, type EventReceiver } from '../support/event-receiver.ts';
import { kubernetesCall } from '../support/kubernetes-call.ts';
import { aFolder, runService, type RunningService } from '../support/running-service.ts';
import { startRegistry, type Registry } from './registry.ts';

const token = 'a-secret-of-the-test';
const folder = aFolder();
let registry: Registry;
let receiver: EventReceiver;
let service: RunningService;

beforeAll(async () => {
  receiver = await startEventReceiver();
  const [port = 0] = await freePorts(1);
  registry = await startRegistry(`http://127.0.0.1:${port}/webhook/distribution/${token}`);
  const targets = [
    aDeployment('shop', [`app=${registry.host}/acme/shop:1.0.0`], [], { 'updatekate.dev/policy': 'semver' }),
    aDeployment('till', [`app=${registry.host}/acme/till:stable`], [], { 'updatekate.dev/policy': 'digest' }),
  ];
  const manifests = join(folder.path, 'manifests.json');
  writeFileSync(manifests, JSON.stringify({ kind: 'List', items: targets }));
  service = await runService({
    ...{ UK_CLUSTER: 'embedded', UK_EMBEDDED_MANIFESTS: manifests, UK_EMBEDDED_POD_READY: '20ms' },
    ...{ UK_PORT: String(port), UK_WEBHOOK_TOKEN: token, UK_STORE: 'memory', UK_ROLLOUT_POLL: '500ms' },
    ...{ UK_WEBHOOK: receiver.url, UK_WEBHOOK_SECRET: receiver.secret },
  });
});
afterAll(async () => {
  await service.stop();
  await registry.close();
  await receiver.close();
  folder.remove();
});

async function imageOf(name: string): Promise<unknown> {
  const access = { server: service.service.kubernetesUrl ?? '' };
  const object = await kubernetesCall(access, 'GET', `/apis/apps/v1/namespaces/default/deployments/${name}`);
  return (object as ReturnType<typeof aDeployment>).spec.template.spec.containers[0]?.image;
}

/** What was decided so far, in order. */
function skipped(): readonly unknown[] {
  return service.log.lines
    .filter(({ message }) => message === 'push skipped')
    .map(({ fields }) => [fields.to, fields.reason]);
}

describe('what a real registry tells of', () => {
  test('a push moves the Deployment, with the digest that the registry has', async () => {
    const image = `${registry.host}/acme/shop:1.1.0`;

    const digest = await registry.push('acme/shop', '1.1.0');
    const event = await receiver.find((one) => one.image === image);

    expect(event).toMatchObject({ type: 'update.succeeded', digest });
    expect(await imageOf('shop')).toBe(image);
  });

  test('an image of several architectures is one update: its parts, its layers and pulls are none', async () => {
    const image = `${registry.host}/acme/shop:1.2.0`;
    await registry.pull('acme/shop', '1.1.0');

    const digest = await registry.push('acme/shop', '1.2.0', ['amd64', 'arm64', 's390x']);
    const event = await receiver.find((one) => one.image === image);

    expect(event).toMatchObject({ type: 'update.succeeded', digest });
    expect(skipped()).toEqual([]);
    expect(receiver.events.map((one) => one.image)).toEqual([`${registry.host}/acme/shop:1.1.0`, image]);
  });

  test('an older tag is refused, and holds up nothing behind it', async () => {
    await registry.push('acme/shop', '1.1.9');
    await registry.push('acme/shop', '1.3.0');
    await receiver.find((one) => one.image === `${registry.host}/acme/shop:1.3.0`);

    expect(skipped()).toContainEqual([`${registry.host}/acme/shop:1.1.9`, 'not-newer']);
  });

  test('a tag that moves is followed, pinned to what it was pushed with', async () => {
    const first = await registry.push('acme/till', 'stable');
    await receiver.find((one) => one.digest === first);
    const second = await registry.push('acme/till', 'stable');
    await receiver.find((one) => one.digest === second);

    expect(second).not.toBe(first);
    expect(await imageOf('till')).toBe(`${registry.host}/acme/till:stable@${second}`);
  });
});
