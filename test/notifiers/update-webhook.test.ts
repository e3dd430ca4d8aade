import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { eventOf } from '../../src/core/announcement.ts';
import type { AnnouncementResult, Clock, Receiver } from '../../src/core/ports.ts';
import { webhookKey } from '../../src/core/signature.ts';
import { enter, type Update } from '../../src/core/update.ts';
import { webhookFormats, type WebhookFormat } from '../../src/core/webhook-formats.ts';
import { createHttp } from '../../src/lib/http.ts';
import { createWebhook } from '../../src/notifiers/webhook/receiver.ts';
import { anUpdate } from '../support/builders.ts';
import {
  hangUp,
  startCaptureServer,
  status,
  type Answer,
  type CapturedRequest,
  type CaptureServer,
} from '../support/capture-server.ts';
import { cdEventFaults } from '../support/cdevents-rules.ts';

const never = new AbortController().signal;
const secrets = [1, 2].map(() => `whsec_${randomBytes(32).toString('base64')}`);
let server: CaptureServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** The real time, moved on by every wait: receivers refuse time stamps that are more than five minutes off. */
function createHastyClock(): Clock {
  let nowMs = Date.now();
  return {
    now: () => new Date(nowMs),
    monotonicMs: () => performance.now(),
    after(ms, run) {
      nowMs += ms;
      queueMicrotask(run);
      return () => undefined;
    },
  };
}

const created = new Date('2026-01-01T00:00:00Z');
const later = (seconds: number): Date => new Date(created.getTime() + seconds * 1000);
const rolling = enter(enter(anUpdate(), 'Delivering', later(1)), 'RollingOut', later(2));
const succeeded = enter(rolling, 'Succeeded', later(42));
const failed = enter(rolling, 'Failed', later(60), { reason: 'ImagePullBackOff', message: 'pod shop-1' });

interface Told {
  readonly result: AnnouncementResult;
  readonly requests: readonly CapturedRequest[];
}

/** A webhook that posts to a server which gives these answers. */
async function createReceiver(
  answers: readonly Answer[],
  keys: readonly string[],
  format: WebhookFormat = 'updatekate',
): Promise<Receiver> {
  server = await startCaptureServer(...answers);
  const clock = createHastyClock();
  return createWebhook({
    url: `${server.url}/hook?token=canary`,
    format: webhookFormats[format],
    keys: keys.map((secret) => webhookKey(secret) ?? Buffer.alloc(0)),
    clock,
    http: createHttp({ clock, timeoutMs: 60_000, retries: 2, minDelayMs: 0, userAgent: 'updatekate' }),
  });
}

async function tell(
  answers: readonly Answer[],
  keys: readonly string[] = [],
  update: Update = succeeded,
): Promise<Told> {
  const receiver = await createReceiver(answers, keys);
  const result = await receiver.tell(update, eventOf(update) ?? 'update.succeeded', never);
  return { result, requests: server?.requests ?? [] };
}

/** The three headers of the specification, as the receiver got them. */
function headersOf(request: CapturedRequest | undefined): Record<string, string> {
  const names = ['webhook-id', 'webhook-timestamp', 'webhook-signature'];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = request?.headers[name];
      return typeof value === 'string' ? [[name, value]] : [];
    }),
  );
}

describe('the body', () => {
  test('of a success is the documented JSON', async () => {
    const { result, requests } = await tell([status(200)]);

    expect(result).toEqual({ kind: 'sent' });
    expect(requests).toHaveLength(1);
    expect(requests[0]?.method).toBe('POST');
    expect(requests[0]?.headers['content-type']).toBe('application/json');
    expect(JSON.parse(requests[0]?.body ?? '')).toEqual({
      timestamp: '2026-01-01T00:00:42.000Z',
      repository: 'shop',
      namespace: 'default',
      docker_url: 'quay.io/acme/shop:1.1.0',
      id: `${succeeded.name}-succeeded`,
      type: 'update.succeeded',
      cluster: 'default',
      kind: 'Deployment',
      deployment: 'shop',
      container: 'app',
      containers: ['app'],
      image: 'quay.io/acme/shop:1.1.0',
      previousImage: 'quay.io/acme/shop:1.0.0',
      digest: null,
      status: 'succeeded',
      reason: null,
      message: null,
      approvedBy: [],
      durationMs: 42_000,
      verdictUrl: null,
    });
  });

  test('of a failure says why', async () => {
    const { requests } = await tell([status(200)], [], failed);

    expect(JSON.parse(requests[0]?.body ?? '')).toMatchObject({
      type: 'update.failed',
      status: 'failed',
      id: `${failed.name}-failed`,
      reason: 'ImagePullBackOff',
      message: 'pod shop-1',
      durationMs: 60_000,
    });
  });

  test('is not sent for an update that has nothing to say', async () => {
    const { result, requests } = await tell([status(200)], [], anUpdate());

    expect(result.kind).toBe('abandoned');
    expect(requests).toHaveLength(0);
  });
});

describe('the signature', () => {
  test('is what the reference implementation takes', async () => {
    const { requests } = await tell([status(200)], secrets.slice(0, 1));
    const [request] = requests;

    const verified = new Webhook(secrets[0] ?? '').verify(request?.body ?? '', headersOf(request));

    expect(verified).toMatchObject({ type: 'update.succeeded' });
  });

  test('does not fit a body that was changed, another id or another secret', async () => {
    const { requests } = await tell([status(200)], secrets.slice(0, 1));
    const [request] = requests;
    const [body, headers] = [request?.body ?? '', headersOf(request)];

    expect(() => new Webhook(secrets[0] ?? '').verify(`${body} `, headers)).toThrow();
    expect(() => new Webhook(secrets[0] ?? '').verify(body, { ...headers, 'webhook-id': 'x' })).toThrow();
    expect(() => new Webhook(secrets[1] ?? '').verify(body, headers)).toThrow();
  });

  test('is there twice with two keys, and either key is enough', async () => {
    const { requests } = await tell([status(200)], secrets);
    const [request] = requests;
    const headers = headersOf(request);

    expect(headers['webhook-signature']?.split(' ')).toHaveLength(2);
    for (const secret of secrets) {
      expect(() => new Webhook(secret).verify(request?.body ?? '', headers)).not.toThrow();
    }
  });

  test('is missing without a key; id and time stamp are there', async () => {
    const { requests } = await tell([status(200)]);

    expect(Object.keys(headersOf(requests[0]))).toEqual(['webhook-id', 'webhook-timestamp']);
  });
});

describe.each([
  ['cdevents', 'dev.cdevents.service.upgraded.0.3.0', 'dev.cdevents.incident.detected.0.3.0'],
  ['cdevents-0.4', 'dev.cdevents.service.upgraded.0.2.0', 'dev.cdevents.incident.detected.0.2.0'],
] as const)('in the format %s', (format, good, bad) => {
  async function sent(update: Update): Promise<CapturedRequest | undefined> {
    const receiver = await createReceiver([status(500), status(200)], secrets.slice(0, 1), format);
    expect(await receiver.tell(update, eventOf(update) ?? 'update.succeeded', never)).toEqual({
      kind: 'sent',
    });
    expect(server?.requests).toHaveLength(2);
    expect(server?.requests[0]?.headers['ce-id']).toBe(server?.requests[1]?.headers['ce-id']);
    return server?.requests[1];
  }

  test.each([
    ['success', succeeded, good],
    ['failure', failed, bad],
  ])(
    'a %s is a signed CDEvent in CloudEvents headers, the id the same everywhere',
    async (_end, update, type) => {
      const request = await sent(update);

      const body = new Webhook(secrets[0] ?? '').verify(request?.body ?? '', headersOf(request));

      expect(cdEventFaults(format, body)).toEqual([]);
      const { context, subject } = body as {
        readonly context: Readonly<Record<string, string>>;
        readonly subject: Readonly<Record<string, string>>;
      };
      expect(context).toMatchObject({ id: request?.headers['webhook-id'], type });
      expect(request?.headers).toMatchObject({
        'content-type': 'application/json',
        'ce-specversion': '1.0',
        'ce-id': context.id,
        'ce-source': context.source,
        'ce-type': type,
        'ce-subject': subject.id,
        'ce-time': context.timestamp,
      });
    },
  );

  test('a body that was changed is not taken', async () => {
    const request = await sent(succeeded);
    const changed = request?.body.replace('upgraded', 'deployed') ?? '';

    expect(() => new Webhook(secrets[0] ?? '').verify(changed, headersOf(request))).toThrow();
  });

  test('nothing is sent for an update that has nothing to say', async () => {
    const receiver = await createReceiver([status(200)], [], format);

    expect(await receiver.tell(anUpdate(), 'update.succeeded', never)).toMatchObject({ kind: 'abandoned' });
    expect(server?.requests).toHaveLength(0);
  });
});

test('our own format has no headers of CloudEvents', async () => {
  const { requests } = await tell([status(200)]);

  expect(Object.keys(requests[0]?.headers ?? {}).filter((name) => name.startsWith('ce-'))).toEqual([]);
});

test('the samples in the docs are what is sent', () => {
  const page = readFileSync('docs/notifiers/webhook.md', 'utf8');
  const [, cdEvents = ''] = page.split('## CDEvents\n');
  const samples = [...cdEvents.matchAll(/```json\n(.*?)```/gs)].map(
    ([, text = '']) => JSON.parse(text) as object,
  );
  const headers = /```http\n(.*?)```/s.exec(cdEvents)?.[1]?.toLowerCase().split('\n');

  const messages = [succeeded, failed].map((update) =>
    webhookFormats.cdevents.message(update, eventOf(update) ?? 'update.succeeded'),
  );

  const sent = messages.map((message) => JSON.parse(message?.body ?? '') as Record<string, unknown>);
  expect(samples).toEqual(sent.map((event) => ({ ...event, customData: undefined })));
  expect(headers).toEqual(
    expect.arrayContaining(
      Object.entries(messages[0]?.headers ?? {}).map(([name, value]) => `${name}: ${value}`.toLowerCase()),
    ),
  );
});

describe('tries', () => {
  test('have the same id and body, each a time stamp and a signature of its own', async () => {
    const wait = { 'retry-after': '3' };
    const { result, requests } = await tell(
      [status(500, wait), status(503, wait), status(200)],
      secrets.slice(0, 1),
    );

    const all = requests.map(headersOf);
    const stamps = all.map((headers) => Number(headers['webhook-timestamp']));
    expect(result).toEqual({ kind: 'sent' });
    expect(all.map((headers) => headers['webhook-id'])).toEqual(
      Array.from({ length: 3 }, () => `${succeeded.name}-succeeded`),
    );
    expect(new Set(requests.map(({ body }) => body)).size).toBe(1);
    expect(stamps.map((stamp) => stamp - (stamps[0] ?? 0))).toEqual([0, 3, 6]);
    expect(new Set(all.map((headers) => headers['webhook-signature'])).size).toBe(3);
    for (const request of requests) {
      expect(() => new Webhook(secrets[0] ?? '').verify(request.body, headersOf(request))).not.toThrow();
    }
  });

  test('that fail for ever are a failure to be tried again later', async () => {
    const { result, requests } = await tell([status(500)]);

    expect(result).toMatchObject({ kind: 'failed', retryAfterMs: undefined });
    expect(requests).toHaveLength(3);
  });

  test('hand on how long the receiver wants to be left alone', async () => {
    const { result, requests } = await tell([status(503, { 'retry-after': '600' })]);

    expect(result).toMatchObject({ kind: 'failed', retryAfterMs: 600_000 });
    expect(requests).toHaveLength(1);
  });

  test('end with 410: the receiver is gone', async () => {
    const { result, requests } = await tell([status(410)]);

    expect(result.kind).toBe('abandoned');
    expect(requests).toHaveLength(1);
  });

  test.each([400, 401, 403, 404, 422, 302])(
    'with %i are a failure: the next one may find it mended',
    async (code) => {
      const { result, requests } = await tell([status(code, { location: '/elsewhere' })]);

      expect(result.kind).toBe('failed');
      expect(requests).toHaveLength(1);
    },
  );

  test('that get no answer are a failure, and the URL is not in its message', async () => {
    const { result } = await tell([hangUp]);

    expect(result.kind).toBe('failed');
    expect(JSON.stringify(result)).not.toContain('canary');
  });

  test('that are interrupted by the shutdown are no verdict of the receiver', async () => {
    const stop = new AbortController();
    const receiver = await createReceiver([() => stop.abort(new Error('shutting down'))], []);

    await expect(receiver.tell(succeeded, 'update.succeeded', stop.signal)).rejects.toThrow('shutting down');
  });
});
