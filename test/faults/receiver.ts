import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { performance } from 'node:perf_hooks';
import { buffer } from 'node:stream/consumers';
import { Webhook } from 'standardwebhooks';
import { z } from 'zod';

const statuses = [
  ...(['succeeded', 'failed'] as const),
  ...(['awaiting-approval', 'approved', 'rejected', 'expired', 'superseded'] as const),
] as const;
export type ToldStatus = (typeof statuses)[number];

/** An outgoing webhook as it came. */
export interface Told {
  /** The replica that sent it: each has a path of its own. */
  readonly replica: string;
  readonly id: string;
  readonly deployment: string;
  readonly image: string;
  /** What of it: `succeeded`, `failed`, and where people are asked what became of that. */
  readonly status: ToldStatus;
  /** Whether the signature is right. */
  readonly signed: boolean;
  /** How far its timestamp is from ours. */
  readonly skewSeconds: number;
  readonly atMs: number;
  /** What we answered; nothing when the sender was killed. */
  readonly answered: number | undefined;
}

/** Takes the outgoing webhooks, independent of what the product believes that it sent. */
export interface Receiver {
  /** Where the replica of that name is to send. */
  url(replica: string): string;
  readonly secret: string;
  readonly told: () => readonly Told[];
  /** Runs `act` with the sender's name at the next webhook, before or after it is answered. */
  onNext(when: 'before' | 'after', act: (replica: string) => Promise<void>): { fired(): number };
  close(): void;
}

const Body = z.object({
  id: z.string(),
  deployment: z.string(),
  image: z.string(),
  status: z.enum(statuses),
});
const secret = `whsec_${Buffer.from('the key of the fault tests, 24 bytes or more').toString('base64')}`;
/** Every so many webhooks one is answered 500, but never twice in a row for one update. */
const failEvery = 7;

interface Hook {
  readonly when: 'before' | 'after';
  readonly act: (replica: string) => Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
  const told: Told[] = [];
  const failing = new Set<string>();
  let hook: Hook | undefined;
  let fired = 0;
  const happens = async (when: Hook['when'], replica: string): Promise<boolean> => {
    const due = hook;
    if (due?.when !== when) return false;
    hook = undefined;
    fired++;
    await due.act(replica);
    return true;
  };
  const statusFor = (id: string): number => {
    const fails = told.length % failEvery === failEvery - 1 && !failing.delete(id);
    if (fails) failing.add(id);
    return fails ? 500 : 204;
  };
  const server = createServer((request, response) => {
    void read(request).then(async (one) => {
      if (await happens('before', one.replica)) {
        told.push(one);
        response.destroy();
        return;
      }
      const answered = statusFor(one.id);
      told.push({ ...one, answered });
      response.writeHead(answered).end();
      if (answered === 204) await happens('after', one.replica);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    ...{ secret, url: (replica) => `${base}/${replica}`, told: () => told },
    onNext(when, act) {
      fired = 0;
      hook = { when, act };
      return { fired: () => fired };
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function read(request: IncomingMessage): Promise<Told> {
  const body = (await buffer(request)).toString('utf8');
  const { id, deployment, image, status } = Body.parse(JSON.parse(body));
  const header = (name: string): string => String(request.headers[`webhook-${name}`] ?? '');
  const at = new Date(Number(header('timestamp')) * 1000);
  // Signed again rather than verified: a clock that was moved on purpose is no wrong signature.
  const expected = new Webhook(secret).sign(header('id'), at, body);
  return {
    ...{ replica: (request.url ?? '/').slice(1), id: header('id'), deployment, image, status },
    signed: header('signature').split(' ').includes(expected) && header('id') === id,
    skewSeconds: (at.getTime() - Date.now()) / 1000,
    ...{ atMs: performance.now(), answered: undefined },
  };
}
