import { z } from 'zod';
import { AppError } from '../core/errors.ts';
import { parseImageRef } from '../core/image-ref.ts';
import type { Notice, NoticeImage, NoticeKind } from '../core/notice.ts';
import type { Message } from '../core/ports.ts';
import { sinkModule } from '../lib/sink-module.ts';
import { webLink } from '../lib/web-link.ts';
import { createGithubCalls, type GithubCalls } from './github/calls.ts';
import {
  createDeployment,
  deploymentOf,
  deploymentsIn,
  stateOf,
  type Deployment,
  type DeploymentPlace,
  type Told,
} from './github/deployments.ts';
import { GithubSettings } from './github/settings.ts';
import { contextOf, descriptionOf, environmentOf, payloadText, states, type States } from './github/words.ts';

/** A notice on its way. */
interface Telling {
  readonly calls: GithubCalls;
  readonly settings: GithubSettings;
  readonly place: DeploymentPlace;
  readonly message: Message;
  readonly state: States;
}

/** GitHub: a deployment for each rollout, with a status for each thing that happens to it. */
export const github = sinkModule(
  'github',
  GithubSettings,
  (settings, { http, clock }) => {
    const calls = createGithubCalls({ http, clock, api: settings.api, token: settings.token });
    return {
      async send(message, signal) {
        const { notice } = message;
        const state = stateOfKind(settings, notice.kind);
        const image = imageOf(settings, notice);
        if (!state || !image) return;
        const environment = environmentOf(settings.environment, notice);
        const place = { repository: settings.repository, environment };
        const telling = { calls, settings, place, message, state };
        if (notice.kind === 'workload.deleted') {
          await endDeployments(telling, signal);
          return;
        }
        const deployment = await deploymentFor(telling, image, signal);
        if (deployment) await addStatuses(telling, deployment, signal);
      },
    };
  },
  (settings, kind) => stateOfKind(settings, kind) !== undefined,
);

/** `undefined`: it is not shown. Where no image is set, only our own updates are: what others run may be from anywhere. */
function stateOfKind({ image }: GithubSettings, kind: NoticeKind): States | undefined {
  return image === undefined && !kind.startsWith('update.') ? undefined : states[kind];
}

/** The image that the repository's code is in, the first one where none is set; `undefined` when none of the workload's is. */
function imageOf({ image }: GithubSettings, { images }: Notice): NoticeImage | undefined {
  if (image === undefined) return images[0];
  return images.find(({ to }) => parseImageRef(to)?.repository === image);
}

/** That of the rollout. Where no image was brought, nothing was deployed, and there may be none. */
async function deploymentFor(
  { calls, settings, place, message }: Telling,
  image: NoticeImage,
  signal: AbortSignal,
): Promise<Deployment | undefined> {
  const { notice } = message;
  const wanted = { ...place, ref: refOf(settings.ref, image.to) };
  const found = await deploymentOf(calls, wanted, notice.thread, signal);
  const isBrought = notice.kind.startsWith('update.') || image.from !== image.to;
  if (found || !isBrought) return found;
  const payload = { ...toldOf(notice), image: image.to, text: payloadText(message.text) };
  return await createDeployment(calls, { ...wanted, description: descriptionOf(message), payload }, signal);
}

function toldOf({ thread, at, workload }: Notice): Told {
  const { cluster, namespace, kind, name } = workload;
  return { thread, at, cluster, namespace, kind, name };
}

/** @throws AppError `gone`: an image without a tag will never have one. */
function refOf(ref: string, image: string): string {
  const tag = parseImageRef(image)?.tag;
  if (tag === undefined && ref.includes('{tag}')) {
    throw new AppError('gone', `${image} has no tag, so that there is no Git ref for GitHub`);
  }
  return ref.replaceAll('{tag}', tag ?? '');
}

/** Ends what is deployed of a workload that is gone: back to the last one that came up, as that has ended those before. */
async function endDeployments(telling: Telling, signal: AbortSignal): Promise<void> {
  const { calls, place, message } = telling;
  for await (const deployment of deploymentsIn(calls, place, signal)) {
    if (!isBefore(message.notice, deployment)) continue;
    const state = await stateOf(calls, place, deployment, signal);
    if (state !== 'inactive') await addStatuses(telling, deployment, signal);
    if (state === 'success') return;
  }
}

/** Whether it is one of the same workload, and no later one: it may have been made anew before this is told. */
function isBefore({ at, workload }: Notice, { told }: Deployment): boolean {
  const isSame = (['cluster', 'namespace', 'kind', 'name'] as const).every(
    (key) => told?.[key] === workload[key],
  );
  return told !== undefined && isSame && told.at <= at;
}

/** The commit's comes first: a second one replaces it, while a second one of a deployment is shown besides. */
async function addStatuses(
  { calls, settings, place, message, state }: Telling,
  { id, sha }: Deployment,
  signal: AbortSignal,
): Promise<void> {
  const { notice } = message;
  const description = descriptionOf(message);
  const link = webLink(notice.link);
  const post = (path: string, body: object): Promise<unknown> =>
    calls.call(`/repos/${place.repository}${path}`, z.unknown(), signal, body);
  if (settings.commitStatus && state.commit !== undefined) {
    const context = contextOf(place.environment, notice);
    const target = link === undefined ? {} : { target_url: link };
    await post(`/statuses/${sha}`, { state: state.commit, description, context, ...target });
  }
  const log = link === undefined ? {} : { log_url: link };
  await post(`/deployments/${id}/statuses`, { state: state.deployment, description, ...log });
}
