import type { Leadership } from '../../core/leadership.ts';
import type { Documents } from '../../core/documents.ts';
import type { ChangeContext } from './change-context.ts';
import { check } from '../guarded.ts';

type Guarded = Pick<ChangeContext, 'outbox' | 'cache' | 'notifiers'>;

/**
 * The same context, which writes and tells only while we lead, and until `over` fires.
 *
 * @throws AppError `not-leader`, from what it guards.
 */
export function guardedChanges<T extends Guarded>(context: T, leadership: Leadership, over: AbortSignal): T {
  const mayStill = (): void => check(leadership, over);
  const guardedDocuments = (documents: Documents): Documents => ({
    ...documents,
    async write(name, text, revision, signal) {
      mayStill();
      return documents.write(name, text, revision, signal, mayStill);
    },
  });
  return {
    ...context,
    outbox: guardedDocuments(context.outbox),
    cache: guardedDocuments(context.cache),
    notifiers: context.notifiers.map((notifier) => ({
      ...notifier,
      async bring(notice, signal, worst) {
        mayStill();
        return notifier.bring(notice, signal, worst);
      },
    })),
  };
}
