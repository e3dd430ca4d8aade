import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { ApprovalRequest } from '../../src/approvals/webhook.ts';
import { startEventReceiver, type EventReceiver } from '../support/event-receiver.ts';
import { aFolder, runService, type RunningService } from '../support/running-service.ts';

const manifest = `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop
  namespace: default
  annotations:
    updatekate.dev/policy: minor
    updatekate.dev/approvals: '2'
    updatekate.dev/approvers: ann@acme.example, token:bob
spec:
  selector: { matchLabels: { app: shop } }
  template:
    metadata: { labels: { app: shop } }
    spec: { containers: [{ name: app, image: 'quay.io/acme/shop:1.0.0' }] }
`;

let folder: ReturnType<typeof aFolder>;
let receiver: EventReceiver;
let running: RunningService;

/** Where people reach the service, through whatever is in front of it. */
const publicUrl = 'https://kate.acme.example';

beforeEach(async () => {
  folder = aFolder();
  receiver = await startEventReceiver();
  writeFileSync(join(folder.path, 'shop.yaml'), manifest);
  running = await runService({
    ...{ UK_CLUSTER: 'embedded', UK_STORE: 'memory', UK_EMBEDDED_POD_READY: '1ms' },
    ...{ UK_EMBEDDED_MANIFESTS: join(folder.path, 'shop.yaml') },
    ...{ UK_APPROVAL_WEBHOOK: receiver.url, UK_APPROVAL_WEBHOOK_SECRET: receiver.secret },
    ...{ UK_VOTE_LINK_SECRET: 'x'.repeat(32), UK_PUBLIC_URL: publicUrl },
  });
});
afterEach(async () => {
  await running.stop();
  await receiver.close();
  folder.remove();
});

const told = async (type: string): Promise<ApprovalRequest> =>
  (await receiver.find((event) => event.type === type)) as unknown as ApprovalRequest;

test('everyone gets a link by the webhook, and with enough of their votes the update goes', async () => {
  await running.push('quay.io/acme/shop', '1.1.0');
  const { links, link } = await told('update.awaiting-approval');

  expect(link).toBe('https://quay.io/repository/acme/shop?tab=tags');
  expect(links.map(({ voter }) => voter)).toEqual(['ann@acme.example', 'token:bob']);
  for (const { approve } of links) {
    const response = await fetch(approve.replace(publicUrl, running.url), { method: 'POST' });
    expect(response.status).toBe(200);
  }

  expect(await told('update.succeeded')).toMatchObject({
    image: 'quay.io/acme/shop:1.1.0',
    approvedBy: ['ann@acme.example', 'token:bob'],
    links: [],
  });
  expect(JSON.stringify(running.log.lines)).not.toContain('/vote/');
});
