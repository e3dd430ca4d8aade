import { expect, test } from '@jest/globals';
import { loadConfig } from '../../../src/config/load.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { startService } from '../../../src/wire.ts';
import { createFakeLog } from '../../support/fake-log.ts';

test('the service asks the people of the file before it delivers, where the workload says nothing', async () => {
  const log = createFakeLog();
  const { config } = loadConfig(
    {
      ...{ UK_PORT: '0', UK_EMBEDDED_PORT: '0', UK_CLUSTER: 'embedded', UK_STORE: 'memory' },
      ...{ UK_DEPLOYMENT: 'shop', UK_CONFIG: 'uk.yaml' },
    },
    () => `
      environments: {all: {namespaces: [default], approvals: {approvers: [group:ops], deadline: 4h}}}
      groups: {ops: [ann@acme.example]}`,
  );
  const service = await startService(config, { clock: systemClock, log, random: Math.random });
  await service.ready;
  const url = `http://127.0.0.1:${service.port}`;

  await fetch(`${url}/webhook`, {
    method: 'POST',
    body: JSON.stringify({ docker_url: 'quay.io/updatekate/shop', updated_tags: ['1.1.0'] }),
  });
  // What is due is ended before the service has stopped.
  await service.stop();

  expect(log.lines).toContainEqual(
    expect.objectContaining({
      message: 'update awaits approval',
      fields: expect.objectContaining({ approvers: ['ann@acme.example'], votes: 1 }),
    }),
  );
  expect(log.lines.map(({ message }) => message)).not.toContain('update delivered');
});
