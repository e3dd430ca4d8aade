import { isReleased, progressOf } from '../../src/core/approval.ts';
import { AppError } from '../../src/core/errors.ts';
import type { AnnouncementResult, Requester } from '../../src/core/ports.ts';
import type { Update } from '../../src/core/update.ts';

/** What comes of the next request: it is put up and the answer lost, it is refused, or nothing ever happens. */
export type Mishap =
  { readonly kind: 'cut' | 'silence' } | { readonly kind: 'refuse'; readonly retryAfterMs: number };

/** A requester that puts requests up on a board. */
export interface FakeRequester extends Requester {
  /** Every update that was ever put up, as it was told of last. */
  readonly board: ReadonlyMap<string, Update>;
  /** What goes wrong the next time. */
  next(mishap: Mishap): void;
}

/** Whether somebody who looks at the board can still decide it. */
export function isUndecided({ phase, approval }: Update): boolean {
  return phase === 'AwaitingApproval' && approval !== undefined && !isReleased(approval);
}

/** What is written on the board of an update. */
export function boardWords(update: Update): string {
  const { approval } = update;
  const standing = approval && (isReleased(approval) ? 'approved' : progressOf(approval));
  return JSON.stringify({ ...update, standing });
}

/** Creates it. */
export function createFakeRequester(): FakeRequester {
  const board = new Map<string, Update>();
  const mishaps: Mishap[] = [];
  return {
    ...{ name: 'board', followsVotes: true, board },
    next: (mishap) => void mishaps.push(mishap),
    takes: (_event, { approval }) => approval !== undefined,
    async tell(update, event, signal): Promise<AnnouncementResult> {
      const mishap = mishaps.shift();
      if (mishap?.kind === 'silence') await stopped(signal);
      if (mishap?.kind === 'refuse')
        return { kind: 'failed', message: 'the board is full', retryAfterMs: mishap.retryAfterMs };
      if (board.has(update.name) || event !== 'update.awaiting-approval' || isUndecided(update))
        board.set(update.name, update);
      return mishap ? { kind: 'failed', message: 'no answer', retryAfterMs: undefined } : { kind: 'sent' };
    },
  };
}

function stopped(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new AppError('timeout', 'stopped')), { once: true });
  });
}
