import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Workspace } from './workspace.ts';

/** The Socket Mode side: https://docs.slack.dev/apis/events-api/using-socket-mode */
export interface SocketMode {
  /** Connections that have been greeted and are open. */
  readonly open: () => number;
  /** Connections that there have ever been. */
  readonly total: () => number;
  /** Makes a ticket for one connection. */
  readonly ticket: () => string;
  /** Resolves when `count` connections are open. */
  untilOpen(count?: number): Promise<void>;
  /** Sends an envelope over the newest connection; resolves with what it was acknowledged with. `id`: of one sent before. */
  send(
    type: 'interactive' | 'events_api' | 'slash_commands',
    payload: unknown,
    id?: string,
  ): Promise<unknown>;
  /** Says that the connections are about to be closed, as Slack does every few hours. */
  disconnect(reason: 'warning' | 'refresh_requested' | 'link_disabled'): void;
  /** Hears nothing any more, and leaves the connections open. */
  mute(): void;
  /** Cuts the connections without a word. */
  cut(): void;
  close(): Promise<void>;
}

interface Envelope {
  readonly envelope_id: string;
  readonly payload?: unknown;
}

/** Takes WebSockets on `/link`. */
export function createSocketMode(server: Server, workspace: Workspace): SocketMode {
  const sockets = new WebSocketServer({ noServer: true });
  const tickets = new Set<string>();
  const greeted = new Set<WebSocket>();
  const acks = new Map<string, (payload: unknown) => void>();
  let waiting: (() => void)[] = [];
  let total = 0;
  server.on('upgrade', (request, socket, head) => {
    const url = new URL(request.url ?? '', 'http://localhost');
    // A ticket opens one connection, once.
    if (url.pathname !== '/link' || !tickets.delete(url.searchParams.get('ticket') ?? '')) {
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (opened) => {
      greet(opened);
    });
  });
  const greet = (socket: WebSocket): void => {
    total++;
    greeted.add(socket);
    socket.on('close', () => greeted.delete(socket));
    socket.on('message', (data: Buffer) => {
      const { envelope_id: id, payload } = JSON.parse(data.toString('utf8')) as Envelope;
      acks.get(id)?.(payload);
      acks.delete(id);
    });
    const hello = {
      type: 'hello',
      num_connections: greeted.size,
      connection_info: { app_id: workspace.appId },
      debug_info: { host: 'applink-1', approximate_connection_time: 18_060 },
    };
    socket.send(JSON.stringify(hello));
    const due = waiting;
    waiting = [];
    due.forEach((look) => look());
  };
  const untilOpen = (count = 1): Promise<void> =>
    greeted.size >= count
      ? Promise.resolve()
      : new Promise((resolve) => {
          waiting.push(() => void untilOpen(count).then(resolve));
        });
  return {
    open: () => greeted.size,
    total: () => total,
    ticket() {
      const ticket = randomUUID();
      tickets.add(ticket);
      return ticket;
    },
    untilOpen,
    send(type, payload, id = randomUUID()) {
      const socket = [...greeted].at(-1);
      if (!socket) throw new Error('nobody is connected');
      const acked = new Promise((resolve) => acks.set(id, resolve));
      const accepts = type !== 'events_api';
      socket.send(JSON.stringify({ envelope_id: id, type, payload, accepts_response_payload: accepts }));
      return acked;
    },
    disconnect(reason) {
      for (const socket of greeted)
        socket.send(JSON.stringify({ type: 'disconnect', reason, debug_info: { host: 'applink-1' } }));
    },
    mute: () => greeted.forEach((socket) => socket.pause()),
    cut: () => greeted.forEach((socket) => socket.terminate()),
    close: () =>
      new Promise((resolve) => {
        greeted.forEach((socket) => socket.terminate());
        sockets.close(() => resolve());
      }),
  };
}
