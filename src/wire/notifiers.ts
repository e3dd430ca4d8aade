import type { Config } from '../config/load.ts';
import { notifiersOf } from '../config/notifiers.ts';
import type { Notifier } from '../core/ports.ts';
import type { UpdateLink } from '../core/update-link.ts';
import type { WorkloadKey } from '../core/workload.ts';
import { createNotifier } from '../flows/notifier.ts';
import type { SinkAround } from '../lib/sink-module.ts';
import { inSection } from './section.ts';

/** What notifiers work with. */
export interface NotifierParts extends SinkAround {
  readonly link: UpdateLink;
  readonly teamOf: (workload: WorkloadKey) => string | undefined;
}

/**
 * Everyone who is told, by the file or by variables. A name begins with `notify-`, so that none is that of another
 * receiver. Part of the composition root.
 *
 * @throws AppError `bad-config` when one cannot be opened.
 */
export function openNotifiers(config: Config, parts: NotifierParts): readonly Notifier[] {
  const { clock, log, teamOf, link } = parts;
  return Object.entries(notifiersOf(config)).map(([name, { open, filter, wording, quiet }]) => {
    // Its message begins with its kind, which is the next key of the path.
    const sink = inSection(`notifiers.${name}.`, () => open(parts));
    return createNotifier({ name: `notify-${name}`, sink, filter, wording, quiet, clock, log, teamOf, link });
  });
}
