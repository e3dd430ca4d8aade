import { createHash } from 'node:crypto';
import { cutToFit } from '../../core/cut-to-fit.ts';
import type { Notice, NoticeKind } from '../../core/notice.ts';
import type { Message } from '../../core/ports.ts';

/** States of a deployment, https://docs.github.com/en/rest/deployments/statuses, that are used here. */
export type DeploymentState = 'queued' | 'in_progress' | 'success' | 'failure' | 'inactive';

/** States of a commit, https://docs.github.com/en/rest/commits/statuses. */
export type CommitState = 'pending' | 'success' | 'failure' | 'error';

/** What a kind of notice is to GitHub. */
export interface States {
  readonly deployment: DeploymentState;
  /** Absent: it says nothing about the commit. */
  readonly commit?: CommitState;
}

/**
 * What was not let through broke nothing: it is inactive, not failed. Where there is nothing, the same is deployed as
 * before.
 */
export const states: Readonly<Record<NoticeKind, States | undefined>> = {
  'update.awaiting-approval': { deployment: 'queued', commit: 'pending' },
  'update.approved': { deployment: 'in_progress', commit: 'pending' },
  'update.rejected': { deployment: 'inactive', commit: 'error' },
  'update.expired': { deployment: 'inactive', commit: 'error' },
  'update.superseded': { deployment: 'inactive', commit: 'error' },
  'update.succeeded': { deployment: 'success', commit: 'success' },
  'update.failed': { deployment: 'failure', commit: 'failure' },
  'workload.created': { deployment: 'success', commit: 'success' },
  'workload.image-changed': { deployment: 'success', commit: 'success' },
  'workload.config-changed': undefined,
  'workload.restarted': undefined,
  'workload.scaled': undefined,
  'workload.autoscaled': undefined,
  'workload.deleted': { deployment: 'inactive' },
  'workload.failed': { deployment: 'failure', commit: 'failure' },
  'workload.recovered': { deployment: 'success', commit: 'success' },
};

/** What GitHub takes as a description; more is a 422. */
const longestDescription = 140;
/** So that five deployments fit in an answer. */
const longestText = 1000;

/** As much of a text as a description has room for, on one line: the headline, then why, then the rest. */
export function descriptionOf({ notice, text }: Message): string {
  const why = [notice.reason, notice.message].flatMap((words) => words?.split('\n') ?? []);
  const isWhy = (line: string): boolean => why.some((words) => words !== '' && line.includes(words));
  const [headline = '', ...lines] = text.split('\n');
  const shown = [headline, ...lines.filter(isWhy), ...lines.filter((line) => !isWhy(line))];
  const line = shown
    .map((part) => part.trim().replace(/\s+/g, ' '))
    .filter((part) => part !== '')
    .join(' · ')
    // "description doesn't accept 4-byte Unicode", GitHub says of emoji: of commit statuses, and maybe of these.
    .replace(/[\u{10000}-\u{10ffff}]/gu, '\ufffd');
  return cutToFit(line, (cut) => cut.length <= longestDescription);
}

/** As much of it as goes into the payload. */
export function payloadText(text: string): string {
  return cutToFit(text, (cut) => cut.length <= longestText);
}

/** What the template of an environment may name. */
export const environmentParts = ['{cluster}', '{namespace}', '{workload}'] as const;

/** Whether a template names nothing but `parts`. */
export function isTemplate(template: string, parts: readonly string[]): boolean {
  return [...template.matchAll(/\{[^{}]*\}?|\}/g)].every(([part]) => parts.includes(part));
}

/**
 * What GitHub takes as the name of an environment, and of a commit status; more is a 422.
 * https://docs.github.com/en/actions/how-tos/deploy/configure-and-manage-deployments/manage-environments
 */
const longestName = 255;
const hashLength = 12;

/** A name that GitHub takes: of one that is too long the beginning, and a hash of the whole, so that it stays one of its own. */
function nameOf(whole: string): string {
  if (whole.length <= longestName) return whole;
  const hash = createHash('sha256').update(whole).digest('hex').slice(0, hashLength);
  return `${whole.slice(0, longestName - hashLength - 1).toWellFormed()}-${hash}`;
}

/** The environment of a workload. */
export function environmentOf(template: string, { workload }: Notice): string {
  const { cluster, namespace, name } = workload;
  const values: Readonly<Record<string, string>> = { cluster, namespace, workload: name };
  return nameOf(template.replace(/\{([a-z]+)\}/g, (part, key: string) => values[key] ?? part));
}

/** The name of the status that a commit has for a workload. */
export function contextOf(environment: string, { workload }: Notice): string {
  return nameOf(`updatekate/${environment}/${workload.name}`);
}
