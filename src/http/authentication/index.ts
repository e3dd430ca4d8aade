import type { Request } from 'express';
import { AppError, hasCode } from '../../core/errors.ts';
import type { Registry, WebhookRequest } from '../../core/registry.ts';
import { unauthorized } from '../errors.ts';
import { presentedTokens, presentsOneOf } from './token.ts';
import type { Way } from './way.ts';

/** The secrets that senders are given. */
export interface WebhookSecrets {
  /** Of every source that has none of its own. */
  readonly all: readonly string[];
  /** By source; they replace those of all. */
  readonly bySource: ReadonlyMap<string, readonly string[]>;
}

export interface AuthenticationOptions {
  readonly secrets: WebhookSecrets;
  readonly ways: readonly Way[];
}

/** Who sends: somebody who proved to be allowed to, or anybody, where nothing is asked for. */
export type Sender = 'known' | 'anybody';

/** Decides whose webhooks are taken. */
export interface Authentication {
  /** Whether a source takes webhooks from anybody, as nothing is configured for it. */
  isOpen(source: string): boolean;
  /**
   * Turns away, before the body is read, who has no secret and nothing that a body could prove.
   *
   * @param dialects those that the request may be in.
   * @throws AppError `unauthorized`.
   */
  atTheDoor(request: Request, dialects: readonly Registry[]): void;
  /**
   * Tells who sends.
   *
   * @throws AppError `unauthorized`; `unavailable` when a way that could let the sender in cannot be tried now.
   */
  identify(request: Request, dialect: Registry, webhook: WebhookRequest): Promise<Sender>;
}

/** How long others may take that are asked for keys: the least patient sender that needs them waits ten seconds. */
const patienceMs = 5000;

/** Creates what decides whose webhooks are taken. */
export function createAuthentication({ secrets, ways }: AuthenticationOptions): Authentication {
  const secretsOf = (source: string) => secrets.bySource.get(source) ?? secrets.all;
  const waysOf = (source: string) => ways.filter((way) => way.serves(source));
  const isOpen = (source: string) => secretsOf(source).length + waysOf(source).length === 0;
  /** Whether the body may still prove something. */
  const mayProve = ({ name, proofs = [] }: Registry): boolean =>
    (proofs.length > 0 && secretsOf(name).length > 0) || waysOf(name).length > 0;
  return {
    isOpen,
    atTheDoor(request, dialects) {
      const given = presentedTokens(request);
      const secretsOfAll = new Set(dialects.flatMap(({ name }) => secretsOf(name)));
      if (presentsOneOf(given, [...secretsOfAll])) return;
      if (!dialects.some((dialect) => isOpen(dialect.name) || mayProve(dialect))) throw unauthorized();
    },
    async identify(request, dialect, webhook) {
      const own = secretsOf(dialect.name);
      if (isOpen(dialect.name)) return 'anybody';
      if (presentsOneOf(presentedTokens(request), own)) return 'known';
      if (proves(dialect, webhook, own)) return 'known';
      await goOneOf(waysOf(dialect.name), request, webhook);
      return 'known';
    },
  };
}

function proves({ proofs = [] }: Registry, webhook: WebhookRequest, secrets: readonly string[]): boolean {
  return proofs.some((proof) => secrets.some((secret) => proof(webhook, secret)));
}

/** A way that cannot be tried now counts only when no other one lets the sender in. */
async function goOneOf(ways: readonly Way[], request: Request, webhook: WebhookRequest): Promise<void> {
  const signal = AbortSignal.timeout(patienceMs);
  const attempts = ways.map((way) =>
    way.admits(request, webhook, signal).catch((error: unknown) => {
      if (hasCode(error, 'unavailable')) return error;
      throw error;
    }),
  );
  const results = await Promise.all(attempts);
  if (results.includes(true)) return;
  throw results.find((result) => result instanceof AppError) ?? unauthorized();
}
