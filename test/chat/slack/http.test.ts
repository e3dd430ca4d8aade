import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createSlackHttp } from '../../../src/chat/slack/http.ts';
import { createVoteTaker } from '../../../src/chat/slack/take-votes.ts';
import { startFakeSlack, type FakeSlack } from '../../support/fake-slack/index.ts';
import type { FakeMessage } from '../../support/fake-slack/workspace.ts';
import { anAskedUpdate } from '../../support/slack-parts.ts';
import { aFace, type Face } from './face.ts';
import { clickBody, typedBody } from './payloads.ts';

interface Signed {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

let slack: FakeSlack;
let face: Face;
let server: Server;
let message: FakeMessage;
let made = 0;
/** Opens what a test holds. */
let gate: PromiseWithResolvers<undefined>;
let lookedUp: Promise<undefined> | undefined;
let stored: Promise<undefined> | undefined;

beforeAll(async () => {
  slack = await startFakeSlack();
  face = aFace(slack);
  const { cast } = face.options;
  const { directory } = face.parts;
  const slow = {
    ...face.options,
    cast: async (...vote: Parameters<typeof cast>) => {
      await stored;
      return cast(...vote);
    },
    directory: {
      ...directory,
      user: async (...who: Parameters<typeof directory.user>) => {
        await lookedUp;
        return directory.user(...who);
      },
    },
  };
  const votes = createVoteTaker(slow, face.ending.signal);
  message = await face.ask(anAskedUpdate());
  const { signingSecret } = slack.workspace;
  server = createServer(createSlackHttp({ ...face.options, votes, signingSecret }));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
beforeEach(() => {
  gate = Promise.withResolvers();
  [lookedUp, stored] = [undefined, undefined];
  slack.workspace.ephemerals.length = 0;
});
afterAll(async () => {
  face.ending.abort();
  server.close();
  server.closeAllConnections();
  await slack.close();
});

/** As Slack signs it. https://docs.slack.dev/authentication/verifying-requests-from-slack */
function signed(
  body: string,
  { at = Math.floor(Date.now() / 1000), secret = slack.workspace.signingSecret } = {},
): Signed {
  const hash = createHmac('sha256', secret).update(`v0:${at}:${body}`).digest('hex');
  return {
    body,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': String(at),
      'x-slack-signature': `v0=${hash}`,
    },
  };
}

/** A click that was not sent before. */
function aClick(different: Readonly<Record<string, unknown>> = {}, at?: number): Signed {
  const body = { ...clickBody(slack, message), trigger_id: String(made++), ...different };
  return signed(`payload=${encodeURIComponent(JSON.stringify(body))}`, at === undefined ? {} : { at });
}

async function send({ body, headers }: Signed, path = '/slack/events'): Promise<number> {
  const { port } = server.address() as AddressInfo;
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', body, headers });
  await response.text();
  return response.status;
}

const handedOn = () => face.ballots.length;

/** Resolves once as many votes are counted or refused as before, and this many more. */
async function counted(more: number, before: number): Promise<void> {
  while (face.metrics.counted.length + handedOn() < before + more) await new Promise(setImmediate);
}
const soFar = () => face.metrics.counted.length + handedOn();

describe('a request over HTTP', () => {
  test('that Slack has signed is taken, a click and a phrase', async () => {
    const before = soFar();

    const click = await send(aClick());
    await counted(1, before);
    const { body, headers } = signed(JSON.stringify(typedBody(slack, 'approve default/shop')));
    const phrase = await send({ body, headers: { ...headers, 'content-type': 'application/json' } });
    await counted(2, before);

    expect([click, phrase]).toEqual([200, 200]);
    expect(face.ballots[0]?.voter.person.id).toBe('ada@acme.example');
  });

  test.each([
    ['who it was', () => void (lookedUp = gate.promise)],
    ['whether the store has it', () => void (stored = gate.promise)],
  ])('is answered before it is known %s', async (_, hold) => {
    const before = soFar();
    hold();

    const answered = await send(aClick());
    const early = soFar();
    gate.resolve(undefined);
    await counted(1, before);

    expect([answered, early]).toEqual([200, before]);
  });

  test('is taken once: the same bytes again are refused', async () => {
    const click = aClick();
    const first = await send(click);
    const handed = face.metrics.counted.length;

    const second = await send(click);

    expect([first, second]).toEqual([200, 401]);
    expect(face.metrics.counted.slice(handed)).toContain('vote:slack:replayed');
  });

  test('that is forged is not remembered: it is forged as often as it comes', async () => {
    const { body, headers } = aClick();
    const forged = { body, headers: { ...headers, 'x-slack-signature': `v0=${'0'.repeat(64)}` } };
    const before = face.metrics.counted.length;

    for (const n of [1, 2]) {
      expect(await send(forged)).toBe(401);
      while (face.metrics.counted.length < before + n) await new Promise(setImmediate);
    }

    expect(face.metrics.counted.slice(before)).toEqual(['vote:slack:forged', 'vote:slack:forged']);
  });

  test.each([
    ['six minutes old', -360],
    ['six minutes early', 360],
  ])('that is %s is refused', async (_, seconds) => {
    expect(await send(aClick({}, Math.floor(Date.now() / 1000) + seconds))).toBe(401);
    expect(face.metrics.counted.at(-1)).toBe('vote:slack:stale');
  });

  test('that is huge is cut off', async () => {
    expect(await send(signed(`payload=${'x'.repeat(2 * 1024 * 1024)}`))).toBe(413);
  });

  test('that has anything changed is never handed on to be counted', async () => {
    const right = clickBody(slack, message);
    const teams = fc.constantFrom('T0OTHER01', 't0acme001', 'T0ACME00', '', 'T0ACME001 ');
    /** Signed rightly, with something of another workspace, app or channel in it. */
    const rightlySigned = fc.oneof(
      teams.map((id) => ({ team: { id } })),
      teams.map((id) => ({ user: { ...(right.user as object), team_id: id } })),
      fc.constantFrom('A0OTHER01', '', 'A0KATE00').map((id) => ({ api_app_id: id })),
      fc.constantFrom('C0OTHER01', 'C0FAR0001', '', 'c0deploy1').map((id) => ({ channel: { id } })),
      fc.constantFrom('C0OTHER01', 'C0FAR0001', '').map((id) => ({
        channel: { id },
        container: { ...(right.container as object), channel_id: id },
      })),
      fc.constantFrom('1767225600.000000', '0.0', '', '1e9').map((ts) => ({
        container: { ...(right.container as object), message_ts: ts },
      })),
      fc
        .string({ maxLength: 90 })
        .map((value) => ({ actions: [{ type: 'button', action_id: 'updatekate_approve', value }] })),
      fc
        .constantFrom('view', 'message_attachment')
        .map((type) => ({ container: { ...(right.container as object), type } })),
      fc.constant({ user: { id: 'U0KATE001' } }),
      fc.constant({ user: { id: 'U0NOBODY1' } }),
    );
    type Change = (click: Signed) => Signed;
    const change =
      (key: string, value: (now: string) => string | undefined): Change =>
      ({ body, headers: { [key]: now = '', ...headers } }) => {
        const next = value(now);
        return { body, headers: next === undefined ? headers : { ...headers, [key]: next } };
      };
    const wronglySigned: fc.Arbitrary<Change> = fc.oneof(
      fc.nat().map((n) => change('x-slack-signature', (now) => swapped(now, 3 + (n % 64)))),
      fc.constantFrom('', 'v0=', 'v1=00', 'v0').map((text) => change('x-slack-signature', () => text)),
      fc.constant(change('x-slack-signature', () => undefined)),
      fc.constant(change('x-slack-signature', (now) => now.replace('v0', 'v1'))),
      fc.constant(change('x-slack-request-timestamp', () => undefined)),
      fc
        .integer({ min: 1, max: 1e6 })
        .map((n) => change('x-slack-request-timestamp', (now) => String(Number(now) - n))),
      fc
        .integer({ min: 1, max: 1e6 })
        .map((n) => change('x-slack-request-timestamp', (now) => String(Number(now) + n))),
      fc.constantFrom('x', '-1', '1e99', ' ').map((text) => change('x-slack-request-timestamp', () => text)),
      fc.nat().map((n): Change => ({ body, headers }) => ({ body: swapped(body, n % body.length), headers })),
      fc.constant<Change>(({ body, headers }) => ({ body: `${body}&x=1`, headers })),
      fc.constant<Change>(({ body }) => signed(body, { secret: 'another secret of the right length' })),
    );
    const any = fc.oneof(
      rightlySigned.map((different) => () => aClick(different)),
      wronglySigned.map((make) => () => make(aClick())),
    );

    await fc.assert(
      fc.asyncProperty(any, async (make) => {
        const [handed, before] = [handedOn(), soFar()];

        await send(make());
        await counted(1, before);

        // Everything is refused, and counted as that.
        expect(handedOn()).toBe(handed);
      }),
      { numRuns: 300 },
    );
  });
});

/** The text with another sign in one place. */
function swapped(text: string, at: number): string {
  const sign = text[at] === '0' ? '1' : '0';
  return `${text.slice(0, at)}${sign}${text.slice(at + 1)}`;
}
