import { describe, expect, test } from '@jest/globals';
import { gitlab } from '../../src/registries/gitlab.ts';

const digest = `sha256:${'b'.repeat(64)}`;

function parse(event: object, registryHost?: string): readonly string[] {
  const body = { events: [event] };
  const pushes = gitlab.parse({ headers: {}, body, raw: Buffer.of(), registryHost });
  return pushes.map(({ repository, tag }) => `${repository}:${tag}`);
}

describe('gitlab', () => {
  test('source.addr is the address it listens on, never the host', () => {
    const event = {
      ...{ action: 'push', target: { repository: 'group/shop', tag: '1.1.0', digest } },
      source: { addr: 'registry-0.example.com:5000' },
    };

    expect(parse(event, 'registry.example.com')).toEqual(['registry.example.com/group/shop:1.1.0']);
    expect(() => parse(event)).toThrow(
      expect.objectContaining({
        code: 'bad-request',
        message: expect.stringContaining('add ?registry=HOST') as unknown,
      }),
    );
  });

  test.each(['rename', 'delete', 'pull', 'mount'])('%s is no push', (action) => {
    const target = { repository: 'group/shop', tag: '1.1.0', mediaType: '' };

    expect(parse({ action, target, request: { host: 'registry.example.com' } })).toEqual([]);
  });
});
