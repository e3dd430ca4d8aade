import { describe, expect, test } from '@jest/globals';
import type { WebhookRequest } from '../../src/core/registry.ts';
import { acr } from '../../src/registries/acr.ts';

const target = { repository: 'shop', tag: '1' };
const request = { host: 'acme.azurecr.io' };
const pushed = { action: 'push', target, request };

function aRequest(
  body: unknown,
  headers: WebhookRequest['headers'] = {},
  registryHost?: string,
): WebhookRequest {
  return { headers, body, raw: Buffer.of(), registryHost };
}

function parse(body: unknown, registryHost?: string): readonly string[] {
  return acr.parse(aRequest(body, {}, registryHost)).map(({ repository, tag }) => `${repository}:${tag}`);
}

describe('acr', () => {
  test('?registry= never replaces the host that the payload names', () => {
    expect(parse(pushed, 'evil.example.com')).toEqual(['acme.azurecr.io/shop:1']);
    expect(parse({ ...pushed, request: null }, 'acme.azurecr.io')).toEqual(['acme.azurecr.io/shop:1']);
    expect(() => parse({ ...pushed, request: {} })).toThrow(/^acr: .*add \?registry=HOST/);
  });

  test('the action decides, not the type of the event', () => {
    const event = (action: string): unknown => ({
      eventType: 'Microsoft.ContainerRegistry.ImagePushed',
      data: { ...pushed, action },
    });

    expect(parse([event('push'), event('testaction'), event('delete')])).toEqual(['acme.azurecr.io/shop:1']);
  });

  test.each([
    ['no repository', { ...pushed, target: { tag: '1' } }, 'target.repository: '],
    [
      'a repository that is none',
      { ...pushed, target: { ...target, repository: '../x' } },
      'target.repository must',
    ],
    ['no action', { target, request }, 'action must say what happened'],
    ['no action in a list', [{ target, request }], '0.action must say what happened'],
    ['no target in an event of a list', [{ eventType: 'x', data: { action: 'push' } }], '0.data.target: '],
    ['no target in a CloudEvent', { type: 'x', data: { action: 'push' } }, 'data.target: '],
    ['a type alone', { type: 'x' }, 'action must say what happened'],
    ['more events than there are in one delivery', Array(10_001).fill(pushed), 'body: '],
  ])('%s is refused, by field', (_what, body, place) => {
    expect(() => parse(body)).toThrow(
      expect.objectContaining({
        code: 'bad-request',
        message: expect.stringContaining(`acr: ${place}`) as unknown,
      }),
    );
  });

  test('an empty list is no push', () => {
    expect(parse([])).toEqual([]);
  });

  describe('validation of a subscription', () => {
    const event = {
      eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent',
      data: { validationCode: '512d38b6', validationUrl: 'https://rp.eventgrid.azure.net/' },
    };
    const answer = { kind: 'answer', body: { validationResponse: '512d38b6' } };
    const asked = { 'aeg-event-type': 'SubscriptionValidation' };

    test.each([
      ['by its type', [event], {}],
      ['by its type, alone', event, {}],
      ['by the header', [{ data: event.data }], asked],
      ['by both', [event], asked],
    ])('is known %s and answered with its code', (_how, body, headers) => {
      expect(acr.handshake?.(aRequest(body, headers))).toEqual(answer);
    });

    test('is recognised at plain /webhook', () => {
      expect(acr.recognises(aRequest([event]))).toBe(true);
      expect(acr.recognises(aRequest([{ data: event.data }], asked))).toBe(true);
    });

    test.each([
      ['a push', [{ eventType: 'Microsoft.ContainerRegistry.ImagePushed', data: pushed }], {}],
      ['a code in an event of another type', [{ eventType: 'x', data: event.data }], {}],
      ['a validation without a code', [{ ...event, data: {} }], asked],
      ['a code that is no text', [{ ...event, data: { validationCode: { a: 1 } } }], asked],
      ['no body', undefined, asked],
      ['an empty list', [], asked],
    ])('is not %s', (_what, body, headers) => {
      expect(acr.handshake?.(aRequest(body, headers))).toBeUndefined();
    });
  });
});
