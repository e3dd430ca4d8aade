import type { Notice } from '../../core/notice.ts';
import type { Clock } from '../../core/ports.ts';
import { createRecent } from '../../lib/recent.ts';

/** What has been told of each alert last, by this process. */
export interface Newest {
  /** Whether something that happened later has been told of it. */
  isLate(key: string, notice: Pick<Notice, 'at'>): boolean;
  /** It has been told. */
  remember(key: string, notice: Pick<Notice, 'at'>): void;
}

/** Alerts, of each of which some hundred bytes are kept. */
const mostRemembered = 10_000;

/** Remembers the newest notice of each alert, for as long as the process lives. */
export function createNewest(clock: Pick<Clock, 'now'>): Newest {
  const known = createRecent<number>(mostRemembered);
  const isLate: Newest['isLate'] = (key, { at }) => {
    const newestMs = known.get(key);
    // What is yet to come was told before the clock was set back: that must not make failures silent for as long.
    if (newestMs === undefined || newestMs > clock.now().getTime()) return false;
    return Date.parse(at) < newestMs;
  };
  return {
    isLate,
    remember(key, notice) {
      // Two may be on their way at once.
      if (!isLate(key, notice)) known.set(key, Date.parse(notice.at));
    },
  };
}
