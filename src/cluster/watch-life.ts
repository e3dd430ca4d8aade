import type { Clock } from '../core/ports.ts';
import type { ListWatchHandler } from '../core/rest.ts';
import { shortestWatchMs } from './watch-rounds.ts';

/** The handler, with `returned` told of a watch that lives again before the handler is. */
export function tellsOfReturn<T>(handler: ListWatchHandler<T>, returned: () => void): ListWatchHandler<T> {
  let interrupted = false;
  return {
    ...handler,
    alive(alive, error) {
      if (alive && interrupted) returned();
      interrupted = !alive;
      handler.alive(alive, error);
    },
  };
}

/** Tells once that a watch is alive: when it is open if it is trusted, else when it has brought something, or has lasted. */
export function tellsOfLife(
  clock: Clock,
  trusted: boolean,
  tell: () => void,
): { opened(): void; shown(): void; over(): void } {
  let told = false;
  let cancel = (): void => undefined;
  const shown = (): void => {
    if (!told) tell();
    told = true;
  };
  return {
    shown,
    over: () => cancel(),
    opened() {
      if (trusted) shown();
      else cancel = clock.after(shortestWatchMs, shown);
    },
  };
}
