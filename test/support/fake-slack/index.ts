import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSocketMode, type SocketMode } from './socket-mode.ts';
import { answerCall, type Failure } from './web-api.ts';
import { aWorkspace, type FakeMessage, type Workspace } from './workspace.ts';

/** Slack on this machine: Web API and Socket Mode over real connections. */
export interface FakeSlack {
  /** For `slackApiUrl`. */
  readonly apiUrl: string;
  readonly workspace: Workspace;
  readonly socket: SocketMode;
  /** Answers the next call of a method so; several are answered in order. */
  fail(method: string, ...failures: readonly Failure[]): void;
  /** How often a method was called. */
  count(method: string): number;
  /** What the channel shows, oldest first. */
  messages(channel?: string): readonly FakeMessage[];
  close(): Promise<void>;
}

/** Starts it on a free port. `origin` is where it says that WebSockets go; here when undefined. */
export async function startFakeSlack(changes: Partial<Workspace> = {}, origin?: string): Promise<FakeSlack> {
  const workspace: Workspace = Object.assign(aWorkspace(), changes);
  const failures = new Map<string, Failure[]>();
  const server = createServer((request, response) => {
    void answerCall({ workspace, failures, socketUrl }, request, response);
  });
  const socket = createSocketMode(server, workspace);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const socketUrl = (): string => `${origin ?? `ws://127.0.0.1:${port}`}/link?ticket=${socket.ticket()}`;
  return {
    apiUrl: `http://127.0.0.1:${port}/api/`,
    workspace,
    socket,
    fail: (method, ...next) => void failures.set(method, [...(failures.get(method) ?? []), ...next]),
    count: (method) => workspace.calls.filter((call) => call.method === method).length,
    messages: (channel) =>
      workspace.messages.filter((one) => channel === undefined || one.channel === channel),
    async close() {
      await socket.close();
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
