import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { runSlackSocket } from '../../../src/chat/slack/socket.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { login, through, trustedCertificate } from '../../support/behind-proxy.ts';
import { startFakeSlack, type FakeSlack } from '../../support/fake-slack/index.ts';
import { startProxyServer, startTlsEnd, type ProxyServer } from '../../support/proxy-server.ts';
import { anAskedUpdate } from '../../support/slack-parts.ts';
import { aFace, type Face } from './face.ts';
import { clickBody } from './payloads.ts';

const certificate = trustedCertificate('slack.test', 'wss.slack.test');
let slack: FakeSlack;
let end: Awaited<ReturnType<typeof startTlsEnd>>;
let proxy: ProxyServer;
let face: Face;
let stop: AbortController;
let running: Promise<void>;

beforeEach(async () => {
  // Slack's WebSockets have another host than its Web API.
  slack = await startFakeSlack({}, 'wss://wss.slack.test');
  face = aFace(slack);
  end = await startTlsEnd(certificate, Number(new URL(slack.apiUrl).port));
  proxy = await startProxyServer({ names: { 'slack.test:443': end.port, 'wss.slack.test:443': end.port } });
  stop = new AbortController();
  running = Promise.resolve();
});
afterEach(async () => {
  stop.abort();
  await running;
  await Promise.all([proxy.close(), end.close(), slack.close()]);
});

function start(clock = systemClock): void {
  const { appToken } = slack.workspace;
  const options = { ...face.options, apiUrl: 'https://slack.test/api/', proxies: through(proxy.host) };
  running = runSlackSocket({ ...options, clock, appToken, random: () => 0 }, stop.signal);
}

test('clicks come through tunnels, with the login of the proxy', async () => {
  const update = anAskedUpdate();
  const message = await face.ask(update);
  start();
  await slack.socket.untilOpen();

  await slack.socket.send('interactive', clickBody(slack, message));
  while (face.ballots.length === 0) await new Promise(setImmediate);

  expect(proxy.asked).toEqual([
    `CONNECT slack.test:443 as ${login.sent}`,
    `CONNECT wss.slack.test:443 as ${login.sent}`,
  ]);
});

test('no tunnel is left when it ends, not even one whose other end is silent', async () => {
  // Nobody will say good-bye: that is not waited for.
  const after = (ms: number, run: () => void) => systemClock.after(ms <= 2000 ? 0 : ms, run);
  start({ ...systemClock, after });
  await slack.socket.untilOpen();
  const before = proxy.open();
  slack.socket.mute();

  stop.abort();
  await running;
  await proxy.untilFree();

  expect(before).toBeGreaterThan(0);
});
