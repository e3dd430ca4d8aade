import { z } from 'zod';
import { hostIn, mayBeImage, pushesOf, repositoryAt, tagsAnImage } from '../core/pushed-image.ts';
import type { Push, Registry, WebhookRequest } from '../core/registry.ts';
import { badBody, fieldAt, hasField, optionalText, readFields, textAt } from '../core/webhook-fields.ts';

const Pushed = z.object({
  target: z.object({
    repository: z.string().min(1),
    /** Empty for what was pushed without one: the parts of an image of many architectures. */
    tag: optionalText,
    digest: optionalText,
    mediaType: optionalText,
  }),
  request: z.object({ host: optionalText }).nullish(),
});

const Events = z.array(z.unknown()).max(10_000);
const validation = 'Microsoft.EventGrid.SubscriptionValidationEvent';

/** Azure Container Registry: its own webhooks, and its events through Event Grid in either schema. */
export const acr: Registry = {
  name: 'acr',
  spec: 'https://learn.microsoft.com/azure/container-registry/container-registry-webhook-reference',
  recognises: (request) => isGrid(request) || eventsOf(request).some(isOwn),
  /** https://learn.microsoft.com/azure/event-grid/end-point-validation-event-grid-events-schema */
  handshake(request) {
    const event = eventsOf(request).find((one) => typeOf(one) === validation);
    const isAsked = request.headers['aeg-event-type'] === 'SubscriptionValidation';
    const code = textAt(event ?? (isAsked ? eventsOf(request)[0] : undefined), 'data', 'validationCode');
    return code === '' ? undefined : { kind: 'answer', body: { validationResponse: code } };
  },
  parse(request) {
    const { body } = request;
    const events = Array.isArray(body) ? readFields('acr', Events, body) : [body];
    return events.flatMap((event, n) =>
      pushesIn(event, Array.isArray(body) ? [String(n)] : [], request.registryHost),
    );
  },
};

/** The header of Event Grid's own schema: any of its deliveries has it, also one that only validates. */
function isGrid({ headers }: WebhookRequest): boolean {
  return headers['aeg-event-type'] !== undefined;
}

/** Event Grid sends a list, or one event in CloudEvents; a webhook of the registry is one event. */
function eventsOf({ body }: WebhookRequest): readonly unknown[] {
  return Array.isArray(body) ? body : [body];
}

/** What kind of event it is: `eventType` in Event Grid's schema, `type` in CloudEvents; empty for a webhook. */
function typeOf(event: unknown): string {
  return textAt(event, 'eventType') || textAt(event, 'type');
}

function isOwn(event: unknown): boolean {
  const type = typeOf(event);
  const isNative =
    type === '' && textAt(event, 'action') !== '' && textAt(event, 'target', 'repository') !== '';
  return isNative || type === validation || type.startsWith('Microsoft.ContainerRegistry.');
}

function pushesIn(
  event: unknown,
  place: readonly string[],
  registryHost: string | undefined,
): readonly Push[] {
  const isEnveloped = typeOf(event) !== '' && hasField(event, 'data');
  const at = isEnveloped ? [...place, 'data'] : place;
  const said = isEnveloped ? fieldAt(event, 'data') : event;
  const action = textAt(said, 'action');
  // Event Grid sends what else a subscription lets through, and what validates it: events, but no pushes.
  if (action === '' && !isEnveloped) {
    throw badBody('acr', `${[...at, 'action'].join('.')} must say what happened, such as "push"`);
  }
  return action === 'push' ? pushed(said, at, registryHost) : [];
}

function pushed(said: unknown, at: readonly string[], registryHost: string | undefined): readonly Push[] {
  const { target, request } = readFields('acr', Pushed, said, at);
  if (!tagsAnImage(target.tag) || !mayBeImage(target.mediaType)) return [];
  const repository = repositoryAt({
    ...{ source: 'acr', field: [...at, 'target', 'repository'].join('.'), path: target.repository },
    host: hostIn(request?.host ?? '') ?? registryHost,
  });
  return pushesOf(repository, target.tag, target.digest, textAt(said, 'actor', 'name'));
}
