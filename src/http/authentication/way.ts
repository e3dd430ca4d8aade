import type { IncomingMessage } from 'node:http';
import type { WebhookRequest } from '../../core/registry.ts';

/** The connection and the head that a webhook came with. */
export type Carrier = Pick<IncomingMessage, 'headers' | 'headersDistinct' | 'socket'>;

/** One way for a sender to prove itself without one of our secrets. */
export interface Way {
  /** Whether it is open to the senders of a source; a source with any way is closed to everybody else. */
  serves(source: string): boolean;
  /**
   * Whether the sender has proved itself.
   *
   * @throws AppError `unavailable` when this cannot be told now.
   */
  admits(carrier: Carrier, webhook: WebhookRequest, signal: AbortSignal): Promise<boolean>;
}
