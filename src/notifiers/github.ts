import { z } from 'zod';
import { AppError } from '../core/errors.ts';
import { canonicalRepository, parseImageRef } from '../core/image-ref.ts';
import type { Notice } from '../core/notice.ts';
import type { Message } from '../core/ports.ts';
import { secret } from '../core/secret-text.ts';
import { section } from '../core/section.ts';
import { sinkModule } from '../lib/sink-module.ts';
import { createGithubCalls, type GithubCalls } from './github/calls.ts';
import { deploymentFor, type Deployment, type WantedDeployment } from './github/deployment.ts';
import {
  descriptionOf,
  environmentOf,
  environmentParts,
  isTemplate,
  payloadText,
  states,
} from './github/words.ts';

const allowedRepository = 'owner/name';
const allowedImage = 'the repository of an image without tag, such as quay.io/acme/shop';
const allowedEnvironment = `a name, in which ${environmentParts.join(', ')} stand for what they say`;
const allowedRef = 'a Git ref, in which {tag} stands for the tag of the image';
const allowedApi = 'an address such as https://api.github.com or https://HOST/api/v3';

function template(allowed: string, parts: readonly string[]): z.ZodType<string, string> {
  return z
    .string(allowed)
    .regex(/^\S(?:.{0,253}\S)?$/, allowed)
    .refine((text) => isTemplate(text, parts), allowed);
}

const settings = section({
  repository: z
    .string(allowedRepository)
    .regex(/^[A-Za-z0-9][\w-]{0,99}\/(?!\.{1,2}$)[\w.-]{1,100}$/, allowedRepository),
  token: secret('a token of GitHub', z.string().regex(/^[\x21-\x7e]+$/)),
  image: z
    .string(allowedImage)
    .refine((name) => parseImageRef(name)?.name === name, allowedImage)
    .transform(canonicalRepository)
    .optional(),
  environment: template(allowedEnvironment, environmentParts).default('{namespace}'),
  ref: template(allowedRef, ['{tag}']).default('{tag}'),
  commitStatus: z.boolean('true or false').default(false),
  api: z
    .string(allowedApi)
    .regex(/^https?:\/\/[^?#@\s]+$/, allowedApi)
    .transform((url) => url.replace(/\/+$/, ''))
    .default('https://api.github.com'),
});

type Settings = z.output<typeof settings>;

/** GitHub: a deployment for each rollout, with a status for each thing that happens to it. */
export const github = sinkModule('github', settings, (given, { http, clock }) => {
  const calls = createGithubCalls({ http, clock, api: given.api, token: given.token });
  return {
    async send(message, signal) {
      const image = imageOf(given, message.notice);
      if (image === undefined) return;
      const deployment = await deploymentFor(calls, wantedFor(given, message, image), signal);
      await addStatuses(calls, given, { message, deployment }, signal);
    },
  };
});

/** The image that the repository's code is in; `undefined` when none of the workload's is. */
function imageOf({ image }: Settings, { images }: Notice): string | undefined {
  const isIt = (to: string): boolean => image === undefined || parseImageRef(to)?.repository === image;
  return images.find(({ to }) => isIt(to))?.to;
}

function wantedFor(
  { repository, environment, ref }: Settings,
  message: Message,
  image: string,
): WantedDeployment {
  const { notice, text } = message;
  return {
    ...{ repository, ref: refOf(ref, image), environment: environmentOf(environment, notice) },
    description: descriptionOf(message),
    payload: { thread: notice.thread, ...notice.workload, image, text: payloadText(text) },
  };
}

/** @throws AppError `gone`: an image without a tag will never have one. */
function refOf(ref: string, image: string): string {
  const tag = parseImageRef(image)?.tag;
  if (tag === undefined && ref.includes('{tag}')) {
    throw new AppError('gone', `${image} has no tag, so that there is no Git ref for GitHub`);
  }
  return ref.replaceAll('{tag}', tag ?? '');
}

interface Told {
  readonly message: Message;
  readonly deployment: Deployment;
}

/** The commit's comes first: a second one replaces it, while a second one of a deployment is shown besides. */
async function addStatuses(
  calls: GithubCalls,
  { repository, commitStatus, environment }: Settings,
  { message, deployment }: Told,
  signal: AbortSignal,
): Promise<void> {
  const { notice } = message;
  const state = states[notice.kind];
  const description = descriptionOf(message);
  const link = notice.link !== undefined && /^https?:\/\//.test(notice.link) ? notice.link : undefined;
  const post = (path: string, body: object): Promise<unknown> =>
    calls.call(`/repos/${repository}${path}`, z.unknown(), signal, body);
  if (commitStatus) {
    const context = `updatekate/${environmentOf(environment, notice)}/${notice.workload.name}`;
    const target = link === undefined ? {} : { target_url: link };
    await post(`/statuses/${deployment.sha}`, { state: state.commit, description, context, ...target });
  }
  const log = link === undefined ? {} : { log_url: link };
  await post(`/deployments/${deployment.id}/statuses`, { state: state.deployment, description, ...log });
}
