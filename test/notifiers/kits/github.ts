import { z } from 'zod';
import { secretText } from '../../../src/core/secret-text.ts';
import type { OpenSink } from '../../../src/lib/sink-module.ts';
import { github } from '../../../src/notifiers/github.ts';
import type { SinkKit } from '../../contract/sink.ts';
import { json, type Answer, type CapturedRequest } from '../../support/capture-server.ts';
import { httpAround, startPlannedServer } from '../../support/planned-answers.ts';

/** What GitHub takes as a description: 140 characters, and no "4-byte Unicode". */
const description = z
  .string()
  .max(140, 'description is too long (maximum is 140 characters)')
  .refine((text) => !/[\u{10000}-\u{10ffff}]/u.test(text), "description doesn't accept 4-byte Unicode")
  .optional();
const address = z.string().regex(/^https?:\/\/\S+$/, 'must be a valid URL');
/** https://docs.github.com/en/rest/deployments/deployments#create-a-deployment */
const NewDeployment = z.strictObject({
  ref: z.string(),
  task: z.string().optional(),
  auto_merge: z.literal(false, 'the default branch would be merged'),
  required_contexts: z.array(z.string()).length(0, 'checks would be waited for'),
  payload: z.object({ updatekate: z.looseObject({ thread: z.string(), text: z.string() }) }),
  environment: z.string().min(1).max(255),
  description,
});
/** https://docs.github.com/en/rest/deployments/statuses#create-a-deployment-status */
const NewStatus = z.strictObject({
  state: z.enum(['error', 'failure', 'inactive', 'in_progress', 'queued', 'pending', 'success']),
  description,
  log_url: address.optional(),
});
/** https://docs.github.com/en/rest/commits/statuses#create-a-commit-status */
const NewCommitStatus = z.strictObject({
  state: z.enum(['error', 'failure', 'pending', 'success']),
  target_url: address.optional(),
  description,
  context: z.string(),
});

type Deployment = z.output<typeof NewDeployment> & { readonly id: number; readonly sha: string };
type Status = z.output<typeof NewStatus> & { readonly deployment: number };
type CommitStatus = z.output<typeof NewCommitStatus> & { readonly sha: string };

/** The kit, and what only GitHub has. */
export interface GithubKit extends SinkKit {
  readonly deployments: readonly Deployment[];
  readonly statuses: readonly Status[];
  readonly commitStatuses: readonly CommitStatus[];
  /** Requests as they came, `GET /repos/…`. */
  requests(): readonly string[];
  /** Somebody else makes a deployment. */
  add(deployment: Pick<Deployment, 'ref' | 'environment'>, payload?: unknown): void;
  /** The next request gets this answer. */
  answer(next: Answer): void;
}

export const token = 'github_pat_of_nobody';

/** Reads settings, the repository and the token in them. */
export function readSettings(different: object = {}): { open: OpenSink } | { problems: readonly string[] } {
  const given = { repository: 'acme/shop', token: secretText(token), ...different };
  const read = github.settings.safeParse(given);
  return read.success ? { open: read.data } : { problems: read.error.issues.map(({ message }) => message) };
}

/** GitHub with the repository `acme/shop` and the tags that are asked for, and nothing deployed. */
export async function startGithubKit(different: object = {}): Promise<GithubKit> {
  const deployments: Deployment[] = [];
  const statuses: Status[] = [];
  const commitStatuses: CommitStatus[] = [];
  const routes: readonly [RegExp, (body: string, matched: readonly string[]) => Answer][] = [
    [/^GET \/repos\/acme\/shop\/deployments\?(.*)$/, (_body, [, query]) => list(deployments, query)],
    [
      /^POST \/repos\/acme\/shop\/deployments$/,
      taking(NewDeployment, (wanted) => {
        if (!/^[\w.-]+$/.test(wanted.ref)) return wrong([`No ref found for: ${wanted.ref}`]);
        const created = { ...wanted, id: deployments.length + 1, sha: `sha-of-${wanted.ref}` };
        deployments.push(created);
        return json(201, created);
      }),
    ],
    [
      /^POST \/repos\/acme\/shop\/deployments\/(\d+)\/statuses$/,
      taking(NewStatus, (status, [, id]) => {
        if (!deployments.some((one) => one.id === Number(id))) return notFound;
        statuses.push({ ...status, deployment: Number(id) });
        return json(201, { id: statuses.length, ...status });
      }),
    ],
    [
      /^POST \/repos\/acme\/shop\/statuses\/(\S+)$/,
      taking(NewCommitStatus, (status, [, sha = '']) => {
        commitStatuses.push({ ...status, sha });
        return json(201, status);
      }),
    ],
  ];
  const server = await startPlannedServer((response, request) => {
    const line = `${request.method} ${request.url}`;
    const [found] = routes.flatMap(([form, handle]) => {
      const matched = form.exec(line);
      return matched ? [() => handle(request.body, matched)] : [];
    });
    const answer = refusalOf(request) ?? found?.() ?? notFound;
    answer(response, request);
  });
  const settings = readSettings({ ...different, api: `${server.url}/` });
  if ('problems' in settings) throw new Error(settings.problems.join('; '));
  return {
    sink: settings.open(httpAround()),
    secrets: [token],
    ...{ deployments, statuses, commitStatuses },
    requests: () => server.requests.map(({ method, url }) => `${method} ${url}`),
    add: (deployment, payload = {}) => {
      const whole = { ...deployment, id: deployments.length + 1, sha: 'sha', payload };
      deployments.push(whole as Deployment);
    },
    shown: () => statuses.map((status, index) => textOf(status, statuses.slice(0, index), deployments)),
    // Neither descriptions nor payloads call up anybody.
    setOff: () => [],
    answer: server.plan,
    refusePace: (seconds) => server.plan(secondaryLimit({ 'retry-after': String(seconds) })),
    refuse: () => server.plan(json(401, { message: 'Bad credentials', documentation_url, status: '401' })),
    ...{ fail: server.fail, silence: server.silence },
    close: () => server.close(),
  };
}

const documentation_url = 'https://docs.github.com/rest';
const notFound = json(404, { message: 'Not Found', documentation_url, status: '404' });

/** https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit */
export function secondaryLimit(headers: Readonly<Record<string, string>> = {}): Answer {
  return json(403, { message: 'You have exceeded a secondary rate limit.', documentation_url }, headers);
}

/** What every request must have. */
function refusalOf({ headers }: CapturedRequest): Answer | undefined {
  if (headers['user-agent'] === undefined)
    return json(403, { message: 'Request forbidden by administrative rules.' });
  if (headers.authorization !== `Bearer ${token}`) return json(401, { message: 'Bad credentials' });
  if (headers['x-github-api-version'] !== '2022-11-28') return json(400, { message: 'unsupported version' });
  return headers.accept === 'application/vnd.github+json' ? undefined : json(415, { message: 'Unsupported' });
}

function wrong(messages: readonly string[]): Answer {
  const errors = messages.map((message) => ({ resource: 'Deployment', code: 'custom', message }));
  return json(422, { message: 'Validation Failed', errors, documentation_url, status: '422' });
}

/** Reads a body as it is documented, or says what is wrong with it. */
function taking<T>(
  schema: z.ZodType<T>,
  take: (body: T, matched: readonly string[]) => Answer,
): (body: string, matched: readonly string[]) => Answer {
  return (body, matched) => {
    const { data, error } = schema.safeParse(JSON.parse(body));
    return data ? take(data, matched) : wrong(error?.issues.map(({ message }) => message) ?? []);
  };
}

/** Newest first, by pages. */
function list(deployments: readonly Deployment[], query = ''): Answer {
  const asked = Object.fromEntries(new URLSearchParams(query));
  const [perPage, page] = [Number(asked.per_page ?? 30), Number(asked.page ?? 1)];
  const same = deployments.filter(
    ({ ref, environment }) => ref === asked.ref && environment === asked.environment,
  );
  return json(200, same.toReversed().slice((page - 1) * perPage, page * perPage));
}

/** A status, and what is in the payload of a deployment that it is the first one of: a status has no room for it. */
function textOf(status: Status, before: readonly Status[], deployments: readonly Deployment[]): string {
  const isFirst = before.every(({ deployment }) => deployment !== status.deployment);
  const deployment = deployments.find(({ id }) => id === status.deployment);
  return [status.description, ...(isFirst ? [deployment?.payload.updatekate.text] : [])].join('\n');
}
