import type { Leadership } from '../../core/leadership.ts';
import type { Documents } from '../../core/documents.ts';
import type { ChangeContext } from './change-context.ts';
import { check } from '../guarded.ts';

/**
 * The same context, which writes and tells only while we lead, and until `over` fires.
 *
 * @throws AppError `not-leader`, from what it guards.
 */
export function guardedChanges(
  context: ChangeContext,
  leadership: Leadership,
  over: AbortSignal,
): ChangeContext {
  const guardedDocuments = (documents: Documents): Documents => ({
    ...documents,
    async write(name, text, revision, signal) {
      check(leadership, over);
      return documents.write(name, text, revision, signal);
    },
  });
  return {
    ...context,
    outbox: guardedDocuments(context.outbox),
    cache: guardedDocuments(context.cache),
    notifiers: context.notifiers.map((notifier) => ({
      ...notifier,
      async bring(notice, signal, worst) {
        check(leadership, over);
        return notifier.bring(notice, signal, worst);
      },
    })),
  };
}
