import Mustache from 'mustache';
import { messageOf } from './errors.ts';
import type { Notice, NoticeImage, NoticeKind } from './notice.ts';
import { oneLine } from './one-line.ts';

/** Puts a notice into words: plain text, of which the first line says the most. */
export type Wording = (notice: Notice) => string;

/** What was done, after the name of the workload. */
const headlines: Readonly<Record<NoticeKind, string>> = {
  'update.awaiting-approval': 'awaits approval in',
  'update.approved': 'approved for',
  'update.rejected': 'rejected for',
  'update.expired': 'not approved in time for',
  'update.superseded': 'superseded in',
  'update.succeeded': 'deployed to',
  'update.failed': 'not deployed to',
  // The predecessor says it of everything but a deletion.
  'workload.created': 'deployed to',
  'workload.image-changed': 'deployed to',
  'workload.config-changed': 'deployed to',
  'workload.restarted': 'restarted in',
  'workload.scaled': 'scaled in',
  'workload.autoscaled': 'scaled in',
  'workload.deleted': 'deleted from',
  'workload.failed': 'failed in',
  'workload.recovered': 'recovered in',
};

/** What a change is, where the first line leaves that open. */
const changes: Partial<Record<NoticeKind, string>> = {
  'workload.created': 'created',
  'workload.config-changed': 'configuration',
};

/** The predecessor's three lines, and what it did not say. */
const usual = `{{name}} {{headline}} {{namespace}}
{{#image}}
Image: {{image}}
{{/image}}
{{#team}}
Team: {{team}}
{{/team}}
{{#change}}
Change: {{change}}
{{/change}}
{{#images}}
{{#moved}}
{{container}}: {{from}} → {{to}}
{{/moved}}
{{#added}}
{{container}}: new, {{to}}
{{/added}}
{{/images}}
Cluster: {{cluster}}
{{#by}}
{{byLabel}}: {{by}}
{{/by}}
{{#reason}}
Reason: {{reason}}
{{/reason}}
{{#message}}
{{message}}
{{/message}}
{{#link}}
{{link}}
{{/link}}`;

/** What a template may name; within `images` also what is of one image. */
const fields = [
  ...['name', 'namespace', 'cluster', 'kind', 'team', 'event', 'severity', 'headline', 'at'],
  ...['image', 'change', 'scale', 'by', 'byLabel', 'reason', 'message', 'link'],
];
const list = 'images';
const ofImages = ['container', 'from', 'to', 'moved', 'added'];

/** The fields, in words for a person. */
export const templateFields = `{{${fields.join('}}, {{')}}}; for each container {{#${list}}}…{{/${list}}}, and within it {{${ofImages.join('}}, {{')}}}`;

/** What is said where no template is set. */
export const usualWording: Wording = (notice) => render(usual, notice);

/**
 * Reads a template in Mustache, which has no logic and evaluates nothing; what is wrong with it, in words for a person.
 * https://mustache.github.io/mustache.5.html
 */
export function parseTemplate(template: string): Wording | string {
  try {
    const problem = problemIn(Mustache.parse(template) as readonly Token[], [...fields, list]);
    return problem ?? ((notice) => render(template, notice));
  } catch (error) {
    return messageOf(error).replace(/\s+/g, ' ');
  }
}

type Token = readonly [type: string, value: string, start: number, end: number, inner?: readonly Token[]];

function problemIn(tokens: readonly Token[], known: readonly string[]): string | undefined {
  for (const [type, value, , , inner] of tokens) {
    const within = type === '#' && value === list ? [...known, ...ofImages] : known;
    const problem =
      problemWith(type, value, known) ??
      (Array.isArray(inner) ? problemIn(inner as readonly Token[], within) : undefined);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** Of a section the name alone. Besides fields and sections there are texts, comments, and where a section ends. */
function problemWith(type: string, value: string, known: readonly string[]): string | undefined {
  if (type === '>') return `{{>${value}}}: there are no partials`;
  const isShown = type === 'name' || type === '&';
  if (!isShown && type !== '#' && type !== '^') return undefined;
  if (!known.includes(value)) return `{{${value}}} is no field`;
  return isShown && value === list
    ? `{{${list}}} is a list: {{#${list}}}…{{/${list}}} goes through it`
    : undefined;
}

/** Nothing is escaped here: each sink knows what its text means. Values are texts, so nothing in them is a template. */
function render(template: string, notice: Notice): string {
  const { workload, images, by, kind, scale, ...rest } = notice;
  const view = {
    ...{ name: workload.name, namespace: workload.namespace, cluster: workload.cluster, kind: workload.kind },
    ...{ event: kind, headline: headlineOf(notice), severity: rest.severity, at: rest.at, team: rest.team },
    ...{
      image: plain(images[0]?.to),
      images: images.map((one) => shownImage(one, images)),
      change: changeOf(notice),
      link: rest.link,
    },
    ...{ by: by.join(', '), byLabel: kind.startsWith('update.') ? 'Approved by' : 'By' },
    ...{ scale: scale && `${scale.from} → ${scale.to}`, reason: rest.reason, message: rest.message },
  };
  return Mustache.render(template, view, {}, { escape: String }).trim();
}

/** How many there are now is all there is to a scaling: it stands in the first line. */
function headlineOf(notice: Notice): string {
  const words = isScaling(notice) ? scaled(notice) : undefined;
  return words === undefined ? headlines[notice.kind] : `${words} in`;
}

/** What failed, or is well again, may have been scaled: that is not the most of it. */
function changeOf(notice: Notice): string | undefined {
  const all = [changes[notice.kind], isScaling(notice) ? undefined : scaled(notice)];
  return all.filter((one) => one !== undefined).join(', ') || undefined;
}

function isScaling({ kind }: Notice): boolean {
  return kind === 'workload.scaled' || kind === 'workload.autoscaled';
}

function scaled({ scale }: Notice): string | undefined {
  return scale && `scaled from ${scale.from} to ${scale.to}`;
}

/** A container is an addition where there were others before: of a new workload all are as new as it is. */
function shownImage(
  { container, from, to }: NoticeImage,
  all: readonly NoticeImage[],
): Readonly<Record<string, unknown>> {
  const isThere = from !== '';
  const added = !isThere && all.some((one) => one.from !== '');
  return { container, from: plain(from), to: plain(to), moved: isThere && from !== to, added };
}

const longestImage = 512;

/** Kubernetes takes almost anything for an image, lines that nobody wrote included. */
function plain(image = ''): string {
  return oneLine(image, longestImage);
}
