import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { createSlackClient } from '../../../src/lib/slack/client.ts';
import type { Proxies } from '../../../src/lib/proxy.ts';
import { everythingOf, login, through, trustedCertificate } from '../../support/behind-proxy.ts';
import { closedAfterEach } from '../../support/closed-after-each.ts';
import { startFakeSlack, type FakeSlack } from '../../support/fake-slack/index.ts';
import { startProxyServer, startTlsEnd, type ProxyBehaviour } from '../../support/proxy-server.ts';

const certificate = trustedCertificate('slack.test');
const newSlack = closedAfterEach(startFakeSlack);
const newTlsEnd = closedAfterEach(startTlsEnd);
const newProxy = closedAfterEach(startProxyServer);
const { signal } = new AbortController();
const Team = z.object({ team_id: z.string() });

/** Slack, which only a proxy knows. */
async function net(behaviour: ProxyBehaviour = {}) {
  const slack = await newSlack();
  const port = Number(new URL(slack.apiUrl).port);
  const tls = (await newTlsEnd(certificate, port)).port;
  const names = { 'slack.test:443': tls, 'other.test:443': tls, 'slack.test:80': port };
  return { slack, proxy: await newProxy({ names, ...behaviour }) };
}

function ask({ workspace }: FakeSlack, apiUrl: string, proxies: Proxies | undefined) {
  const client = createSlackClient({ token: workspace.botToken, apiUrl, proxies });
  return client.call('auth.test', {}, Team, signal);
}

async function problemOf(call: Promise<unknown>): Promise<{ message: string; code: unknown; all: string }> {
  const error: unknown = await call.catch((thrown: unknown) => thrown);
  if (!(error instanceof Error)) throw new Error('it did not fail');
  return { message: error.message, code: 'code' in error && error.code, all: everythingOf(error) };
}

describe('the Web API', () => {
  test('is called through a tunnel, with the login of the proxy', async () => {
    const { slack, proxy } = await net();
    const proxies = through(proxy.host);
    const client = createSlackClient({
      ...{ token: slack.workspace.botToken, apiUrl: 'https://slack.test/api/' },
      proxies,
    });

    for (let call = 0; call < 3; call++)
      expect(await client.call('auth.test', {}, Team, signal)).toEqual({ team_id: slack.workspace.teamId });

    expect(new Set(proxy.asked)).toEqual(new Set([`CONNECT slack.test:443 as ${login.sent}`]));
    expect(slack.count('auth.test')).toBe(3);
  });

  test('is called straight where no_proxy says so, where it is on this machine, and without proxies', async () => {
    const { slack, proxy } = await net();
    // An address of this machine that does not count as one.
    const elsewhere = slack.apiUrl.replace('127.0.0.1', '0.0.0.0');

    await ask(slack, elsewhere, through(proxy.host, '0.0.0.0/8'));
    await ask(slack, slack.apiUrl, through(proxy.host));
    await ask(slack, elsewhere, undefined);

    expect(proxy.asked).toEqual([]);
    expect(slack.count('auth.test')).toBe(3);
  });

  test.each([407, 403, 503])(
    'that the proxy refuses with %d has given no answer, and it says why',
    async (refuses) => {
      const { slack, proxy } = await net({ refuses });

      const { message, code, all } = await problemOf(
        ask(slack, 'https://slack.test/api/', through(proxy.host)),
      );

      expect(code).toBe('unavailable');
      expect(message).toBe(`slack: auth.test: no answer (the proxy answered ${refuses})`);
      expect(all).not.toMatch(/canary|Basic/);
      expect(slack.workspace.calls).toEqual([]);
      expect(proxy.asked).toHaveLength(1);
    },
  );

  test('has given no answer where the proxy is not there', async () => {
    const { slack, proxy } = await net();
    await proxy.close();

    const { message, code, all } = await problemOf(
      ask(slack, 'https://slack.test/api/', through(proxy.host)),
    );

    expect(code).toBe('unavailable');
    expect(message).toBe('slack: auth.test: no answer (ECONNREFUSED)');
    expect(all).not.toMatch(/canary|Basic/);
  });

  test('must show the certificate of its host', async () => {
    const { slack, proxy } = await net();

    const { code } = await problemOf(ask(slack, 'https://other.test/api/', through(proxy.host)));

    expect(code).toBe('unavailable');
    expect(proxy.asked).not.toEqual([]);
    expect(slack.workspace.calls).toEqual([]);
  });
});
