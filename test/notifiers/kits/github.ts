import { z } from 'zod';
import { secretText } from '../../../src/core/secret-text.ts';
import { github } from '../../../src/notifiers/github.ts';
import { json, type Answer, type CapturedRequest } from '../../support/capture-server.ts';
import { startVendorKit, type Judged, type VendorKit } from '../../support/sink-vendor.ts';

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
  context: z.string().min(1).max(255, 'context is too long (maximum is 255 characters)'),
});

type Deployment = z.output<typeof NewDeployment> & { readonly id: number; readonly sha: string };
type Status = z.output<typeof NewStatus> & { readonly deployment: number };
type CommitStatus = z.output<typeof NewCommitStatus> & { readonly sha: string };

/** The kit, and what only GitHub has. */
export interface GithubKit extends VendorKit {
  readonly deployments: readonly Deployment[];
  readonly statuses: readonly Status[];
  readonly commitStatuses: readonly CommitStatus[];
  /** Requests as they came, `GET /repos/…`. */
  lines(): readonly string[];
  /** Somebody else makes a deployment. */
  add(deployment: Pick<Deployment, 'ref' | 'environment'>, payload?: unknown): void;
}

export const token = 'github_pat_of_nobody';

/** The settings that every one has, and others. */
export function githubSettings(different: object = {}): object {
  return { repository: 'acme/shop', token: secretText(token), ...different };
}

/** GitHub with the repository `acme/shop` and the tags that are asked for, and nothing deployed. */
export async function startGithubKit(different: object = {}): Promise<GithubKit> {
  const deployments: Deployment[] = [];
  const statuses: Status[] = [];
  const commitStatuses: CommitStatus[] = [];
  const states = new Map<number, string>();
  /** What succeeds ends those before it in its environment: `auto_inactive` is on, unless that is called off. */
  const enter = ({ id, environment }: Deployment, state: string): void => {
    const before = deployments.filter((one) => one.id < id && one.environment === environment);
    if (state === 'success') before.forEach((one) => states.set(one.id, 'inactive'));
    states.set(id, state);
  };
  const routes: readonly [RegExp, (body: string, matched: readonly string[]) => Judged][] = [
    [
      /^GET \/repos\/acme\/shop\/deployments\?(.*)$/,
      (_body, [, query]) => {
        const asked = new URLSearchParams(query);
        const isAsked = ({ ref, environment }: Deployment): boolean =>
          ref === (asked.get('ref') ?? ref) && environment === asked.get('environment');
        return { answer: page(deployments.filter(isAsked), asked) };
      },
    ],
    [
      /^GET \/repos\/acme\/shop\/deployments\/(\d+)\/statuses\?per_page=1$/,
      (_body, [, id]) => {
        const state = states.get(Number(id));
        return { answer: json(200, state === undefined ? [] : [{ state }]) };
      },
    ],
    [
      /^POST \/repos\/acme\/shop\/deployments$/,
      taking(NewDeployment, (wanted) => {
        if (!/^[\w.-]+$/.test(wanted.ref)) return { answer: wrong([`No ref found for: ${wanted.ref}`]) };
        const created = { ...wanted, id: deployments.length + 1, sha: `sha-of-${wanted.ref}` };
        deployments.push(created);
        return { answer: json(201, created) };
      }),
    ],
    [
      /^POST \/repos\/acme\/shop\/deployments\/(\d+)\/statuses$/,
      taking(NewStatus, (status, [, id]) => {
        const deployment = deployments.find((one) => one.id === Number(id));
        if (!deployment) return { answer: notFound };
        enter(deployment, status.state);
        statuses.push({ ...status, deployment: deployment.id });
        const answer = json(201, { id: statuses.length, ...status });
        return { answer, shown: { text: status.description ?? '' } };
      }),
    ],
    [
      /^POST \/repos\/acme\/shop\/statuses\/(\S+)$/,
      taking(NewCommitStatus, (status, [, sha = '']) => {
        commitStatuses.push({ ...status, sha });
        return { answer: json(201, status) };
      }),
    ],
  ];
  const judge = (request: CapturedRequest): Judged => {
    const refusal = refusalOf(request);
    if (refusal) return { answer: refusal };
    for (const [form, handle] of routes) {
      const matched = form.exec(lineOf(request));
      if (matched) return handle(request.body, matched);
    }
    return { answer: notFound };
  };
  const kit = await startVendorKit({
    module: github,
    settings: (server) => githubSettings({ image: 'quay.io/acme/shop', ...different, api: `${server}/` }),
    secrets: () => [token],
    // 140, some of them for what stands between lines.
    room: 120,
    shows: (kind) => !/^workload\.(config-changed|restarted|scaled|autoscaled)$/.test(kind),
    judge,
    tooOften: (seconds) => secondaryLimit({ 'retry-after': String(seconds) }),
    refused: json(401, { message: 'Bad credentials', documentation_url, status: '401' }),
  });
  return {
    ...kit,
    ...{ deployments, statuses, commitStatuses },
    lines: () => kit.requests.map(lineOf),
    add: (deployment, payload = {}) => {
      const whole = { ...deployment, id: deployments.length + 1, sha: 'sha', payload };
      deployments.push(whole as Deployment);
    },
  };
}

const lineOf = ({ method, url }: CapturedRequest): string => `${method} ${url}`;
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
  take: (body: T, matched: readonly string[]) => Judged,
): (body: string, matched: readonly string[]) => Judged {
  return (body, matched) => {
    const { data, error } = schema.safeParse(JSON.parse(body));
    if (data) return take(data, matched);
    return { answer: wrong(error?.issues.map(({ message }) => message) ?? []) };
  };
}

/** Newest first, by pages. */
function page(all: readonly unknown[], asked: URLSearchParams): Answer {
  const [perPage, number] = [Number(asked.get('per_page') ?? 30), Number(asked.get('page') ?? 1)];
  return json(200, all.toReversed().slice((number - 1) * perPage, number * perPage));
}
