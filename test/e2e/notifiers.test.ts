import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { loadConfig } from '../../src/config/load.ts';
import { systemClock } from '../../src/lib/clock.ts';
import type { Service } from '../../src/wire/service.ts';
import { startService } from '../../src/wire.ts';
import { silence, startCaptureServer, status, type CaptureServer } from '../support/capture-server.ts';
import { createFakeLog } from '../support/fake-log.ts';
import { aFolder } from '../support/running-service.ts';

const manifest = `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop
  namespace: default
  annotations: { updatekate.dev/policy: minor, other.example/note: canary-annotation }
spec:
  selector: { matchLabels: { app: shop } }
  template:
    metadata: { labels: { app: shop, app.dbc.dk/team: checkout } }
    spec:
      containers:
        - name: app
          image: quay.io/acme/shop:1.0.0
          env: [{ name: PASSWORD, value: canary-environment }]
          args: ['--token=canary-argument']
`;
const file = `
notifiers:
  checkout: { msteams: { url: { env: TEAMS } }, teams: [checkout] }
  search: { msteams: { url: { env: SEARCH } }, teams: [search] }
  slow: { msteams: { url: { env: SLOW } } }
`;

let folder: ReturnType<typeof aFolder>;
let servers: readonly [told: CaptureServer, other: CaptureServer, slow: CaptureServer];
let service: Service;
const log = createFakeLog();

beforeEach(async () => {
  folder = aFolder();
  servers = await Promise.all([
    startCaptureServer(status(202)),
    startCaptureServer(status(202)),
    startCaptureServer(silence),
  ]);
  const files: Readonly<Record<string, string>> = { 'uk.yaml': file };
  writeFileSync(join(folder.path, 'shop.yaml'), manifest);
  const [TEAMS, SEARCH, SLOW] = servers.map(({ url }) => `${url}/workflows/1?sig=canary-signature`);
  const { config } = loadConfig(
    {
      ...{ UK_PORT: '0', UK_EMBEDDED_PORT: '0', UK_CLUSTER: 'embedded', UK_STORE: 'memory' },
      ...{ UK_EMBEDDED_MANIFESTS: join(folder.path, 'shop.yaml'), UK_EMBEDDED_POD_READY: '1ms' },
      ...{ UK_CONFIG: 'uk.yaml', UK_ADMIN_TOKEN: 'canary-admin-token', TEAMS, SEARCH, SLOW },
    },
    (path) => files[path] ?? '',
  );
  service = await startService(config, { clock: systemClock, log, random: () => 0.5 });
  await service.ready;
});
afterEach(async () => {
  await Promise.all(servers.map((server) => server.close()));
  await service.stop();
  folder.remove();
});

test('who wants it is told what happened, whoever else is slow, and nothing that is nobody’s business', async () => {
  const [told, other, slow] = servers;
  await fetch(`http://127.0.0.1:${service.port}/webhook`, {
    method: 'POST',
    body: JSON.stringify({ docker_url: 'quay.io/acme/shop', updated_tags: ['1.1.0'] }),
  });
  while (told.requests.length === 0 || slow.requests.length === 0) await new Promise(setImmediate);

  const body = told.requests[0]?.body ?? '';
  for (const words of [
    'shop deployed to default',
    'Team: checkout',
    'quay.io/acme/shop:1.0.0',
    'quay.io/acme/shop:1.1.0',
  ])
    expect(body).toContain(words);
  expect(other.requests).toEqual([]);
  expect([...told.requests, ...slow.requests].map((one) => one.body).join('')).not.toContain('canary');
  expect(JSON.stringify(log.lines)).not.toContain('canary');
});
