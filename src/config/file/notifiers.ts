import { z } from 'zod';
import type { NoticeFilter } from '../../core/notice-filter.ts';
import {
  isAtLeast,
  kindsOfWord,
  noticeWords,
  severities,
  severityOfKind,
  type NoticeKind,
} from '../../core/notice.ts';
import { isTimeZone, parseTimeOfDay, type QuietHours } from '../../core/quiet-hours.ts';
import { section, textAs } from '../../core/section.ts';
import { parseTemplate, templateFields, usualWording, type Wording } from '../../core/wording.ts';
import type { OpenSink, SinkModule } from '../../lib/sink-module.ts';
import { sinks } from '../../notifiers/index.ts';
import { name, named } from './name.ts';
import { withShownPlaces } from './secrets.ts';

/** A place where people are told, as it is configured. */
export interface NotifierSettings {
  /** What kind of sink it is. */
  readonly kind: string;
  /** Its own settings as they are written, with secrets by their place: for people to read. */
  readonly settings?: unknown;
  readonly open: OpenSink;
  readonly filter: NoticeFilter;
  readonly wording: Wording;
  readonly quiet: QuietHours | undefined;
}

const kinds = sinks.map(({ kind }) => kind);
/** Ends of updates, and what others change: not what only those want to know who are asked, nor what happens by the hour. */
const usualWords = [
  ...['succeeded', 'failed', 'created', 'image-changed', 'config-changed', 'restarted', 'scaled'],
  ...['deleted', 'recovered'],
];
const usualEvents = usualWords.flatMap(kindsOfWord);
const allowedEvents = `a list of ${noticeWords.join(', ')}`;
const allowedSeverity = severities.join(', ');
const allowedTime = 'a time of day such as "22:30", in quotes';
const allowedTemplate = `a Mustache template with ${templateFields}`;

const events = z
  .array(z.enum(noticeWords, allowedEvents), allowedEvents)
  .min(1, allowedEvents)
  .transform((words): readonly NoticeKind[] => [...new Set(words.flatMap(kindsOfWord))]);
const severity = z.enum(severities, allowedSeverity);
const timeOfDay = textAs(allowedTime, parseTimeOfDay);
const template = z.string(allowedTemplate).transform((text, context): Wording => {
  const wording = text.trim() === '' ? 'it says nothing' : parseTemplate(text);
  if (typeof wording !== 'string') return wording;
  context.addIssue({ code: 'custom', message: `${allowedTemplate} (${wording})` });
  return z.NEVER;
});
const Quiet = section({
  from: timeOfDay,
  to: timeOfDay,
  zone: z.string('a time zone').refine(isTimeZone, 'a time zone such as Europe/Copenhagen').default('UTC'),
  except: severity.default('error'),
}).transform(({ from, to, zone, except }, context): QuietHours => {
  if (from === to) context.addIssue({ code: 'custom', path: ['to'], message: 'another time than from' });
  return { fromMinute: from, toMinute: to, zone, except };
});

/** What any kind of sink has besides its own settings. */
const shared = {
  events: events.optional(),
  namespaces: z.array(name, 'a list of namespaces').min(1, 'a list of namespaces').optional(),
  teams: z.array(z.string('names of teams').min(1), 'a list of teams').min(1, 'a list of teams').optional(),
  severity: severity.optional(),
  template: template.optional(),
  quiet: Quiet.optional(),
};

/** `notifiers:` name → one kind of sink with its settings, what it is told of, and how. */
export const Notifiers = named('notifiers', notifierSchema(sinks));

const Written = z.object({ notifiers: z.record(z.string(), z.record(z.string(), z.unknown())) });

/** The notifiers with what is written of each. */
export function withWritten(
  notifiers: Readonly<Record<string, NotifierSettings>>,
  written: unknown,
): Readonly<Record<string, NotifierSettings>> {
  const { success, data } = Written.safeParse(written);
  if (!success) return notifiers;
  return Object.fromEntries(
    Object.entries(notifiers).map(([key, one]) => [
      key,
      { ...one, settings: withShownPlaces(data.notifiers[key]?.[one.kind]) },
    ]),
  );
}

function notifierSchema(modules: readonly SinkModule[]) {
  const settings = Object.fromEntries(modules.map(({ kind, settings: own }) => [kind, own.optional()]));
  return section({ ...shared, ...settings }).transform((given, context): NotifierSettings => {
    const {
      events: wanted = usualEvents,
      namespaces,
      teams,
      severity: least,
      template: wording,
      quiet,
      ...rest
    } = given;
    const [chosen, ...more] = Object.entries(rest as Readonly<Record<string, OpenSink | undefined>>).filter(
      (entry): entry is [string, OpenSink] => entry[1] !== undefined,
    );
    if (!chosen || more.length > 0) {
      context.addIssue({ code: 'custom', message: `one of ${kinds.join(', ')}, and no two of them` });
      return z.NEVER;
    }
    const reached = severities.filter((one) => wanted.some((kind) => isAtLeast(severityOfKind(kind), one)));
    if (least !== undefined && !reached.includes(least)) {
      const message = `${reached.join(', ')}: none of its events is worse`;
      context.addIssue({ code: 'custom', path: ['severity'], message });
    }
    const [kind, open] = chosen;
    const filter = { events: wanted, namespaces, teams, severity: least };
    return { kind, open, filter, wording: wording ?? usualWording, quiet };
  });
}
