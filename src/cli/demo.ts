import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fail, play } from './demo-play.ts';
import { startReceiver } from './demo-receiver.ts';
import { startServiceProcess } from './demo-service.ts';

/**
 * `npm run demo`: the service on the embedded cluster, with a receiver of its outgoing webhook beside it.
 * With `-- --play` it plays a push, an older tag and a broken release by itself and ends with exit code 0.
 */
const folder = mkdtempSync(join(tmpdir(), 'updatekate-demo-'));
const receiver = await startReceiver();
const playing = process.argv.includes('--play');
const service = await startServiceProcess({
  folder,
  webhookUrl: receiver.url,
  secret: receiver.secret,
  quiet: playing,
});

const stop = async (code: number): Promise<never> => {
  await service.stop();
  await receiver.close();
  rmSync(folder, { recursive: true, force: true });
  process.exit(code);
};
process.on('SIGINT', () => void stop(0)).on('SIGTERM', () => void stop(0));

if (playing) {
  const code = await play(service, receiver).then(() => 0, fail);
  await stop(code);
}

console.log(`
Updatekate runs on an embedded cluster with a small shop in it. Try, in another terminal:

  1. Push a newer tag, as Quay would tell it:

     curl -s ${service.url}/webhook -H 'content-type: application/json' -d '{"docker_url":"quay.io/updatekate/shop","repository":"updatekate/shop","updated_tags":["1.1.0"]}'

  2. Watch the Deployment move (any kubectl, no configuration needed):

     kubectl --server ${service.kubernetesUrl} get deployments -w

  3. Ask what Updatekate knows:

     curl -s ${service.url}/info

A tag that contains "broken" never becomes ready. Outgoing webhooks are shown here. Ctrl-C ends it.
`);
for await (const event of receiver.events()) console.log(`outgoing webhook: ${JSON.stringify(event)}`);
