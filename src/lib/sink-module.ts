import type { z } from 'zod';
import type { NoticeKind } from '../core/notice.ts';
import type { Clock, Log, Sink } from '../core/ports.ts';
import type { Rest } from '../core/rest.ts';
import type { Http } from './http.ts';
import type { Proxies } from './proxy.ts';
import type { SlackClient } from './slack/client.ts';

/** What sinks work with. */
export interface SinkAround {
  readonly http: Http;
  readonly clock: Clock;
  readonly log: Log;
  /**
   * Calls of the Kubernetes API of this cluster.
   *
   * @throws AppError when none of that name is configured (any more).
   */
  restOf(cluster: string): Rest;
  /** Slack with the token of UK_SLACK_BOT_TOKEN, if there is one. */
  readonly slack: SlackClient | undefined;
  /** For clients that are not `http`: what goes through a proxy; nothing when undefined. */
  readonly proxies?: Proxies | undefined;
}

/** Makes a sink of settings that have been read. Nothing is sent, and nothing asked, before the first message. */
export interface OpenSink extends Required<Pick<Sink, 'tells'>> {
  (around: SinkAround): Sink;
}

/** A kind of sink: its key in the configuration file, and how its settings are read. */
export interface SinkModule {
  readonly kind: string;
  readonly settings: z.ZodType<OpenSink>;
}

/**
 * A kind of sink. `settings` says in its messages what is allowed, as all of the configuration file does.
 *
 * @param tells by its settings, whether the sink says anything of such notices; they are known before it is opened.
 */
export function sinkModule<K extends string, T>(
  kind: K,
  settings: z.ZodType<T>,
  open: (settings: T, around: SinkAround) => Sink,
  tells: (settings: T, kind: NoticeKind) => boolean = () => true,
): SinkModule & { readonly kind: K } {
  const opening = (given: T): OpenSink => {
    const told: Pick<OpenSink, 'tells'> = { tells: (one) => tells(given, one) };
    return Object.assign((around: SinkAround): Sink => ({ ...open(given, around), ...told }), told);
  };
  return { kind, settings: settings.transform(opening) };
}
