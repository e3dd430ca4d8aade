import { describe, expect, test } from '@jest/globals';
import type { WebhookRequest } from '../../src/core/registry.ts';
import { distribution } from '../../src/registries/distribution.ts';
import { gitlab } from '../../src/registries/gitlab.ts';

const digest = `sha256:${'a'.repeat(64)}`;

function requestWith(event: object, headers: WebhookRequest['headers'] = {}): WebhookRequest {
  const target = { repository: 'acme/shop', tag: '1.1.0', digest };
  const whole = { action: 'push', target, request: { host: 'registry.example.com' }, ...event };
  return { headers, body: { events: [whole] }, raw: Buffer.of(), registryHost: undefined };
}

describe('distribution and gitlab', () => {
  test('read the same envelope, and each names itself in an error', () => {
    const push = [{ repository: 'registry.example.com/acme/shop', tag: '1.1.0', digest }];

    for (const dialect of [distribution, gitlab]) {
      expect(dialect.parse(requestWith({}))).toEqual(push);
      expect(() => dialect.parse(requestWith({ target: null }))).toThrow(
        expect.objectContaining({ message: expect.stringMatching(`^${dialect.name}: `) as unknown }),
      );
    }
  });

  test('GitLab is known by the kind of user, which only GitLab tells', () => {
    const ofGitlab = requestWith({ actor: { name: 'root', user_type: 'build' } });
    const plain = requestWith({ actor: { name: 'root' } });

    expect([gitlab.recognises(ofGitlab), gitlab.recognises(plain)]).toEqual([true, false]);
    expect([distribution.recognises(ofGitlab), distribution.recognises(plain)]).toEqual([true, true]);
  });

  test('no project webhook of GitLab is taken for one of its registry', () => {
    const body = { object_kind: 'push', events: {}, actor: { user_type: 'x' } };
    const request = { headers: {}, body, raw: Buffer.of(), registryHost: undefined };

    expect(gitlab.recognises(request)).toBe(false);
  });

  test('take envelopes of 4 MiB: they have any number of events', () => {
    expect([distribution.maxBodyBytes, gitlab.maxBodyBytes]).toEqual([4 * 1024 * 1024, 4 * 1024 * 1024]);
  });

  test('an envelope of more events than anyone sends is refused', () => {
    const body = { events: Array.from({ length: 10_001 }, () => ({ action: 'pull', target: {} })) };

    expect(() => distribution.parse({ ...requestWith({}), body })).toThrow(
      expect.objectContaining({ code: 'bad-request' }),
    );
  });
});
