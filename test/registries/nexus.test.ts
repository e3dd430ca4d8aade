import { createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { nexus } from '../../src/registries/nexus.ts';

function parse(action: unknown, component: unknown, registryHost?: string): readonly string[] {
  const body = { action, repositoryName: 'docker-hosted', component };
  const pushes = nexus.parse({ headers: {}, body, raw: Buffer.of(), registryHost });
  return pushes.map(({ repository, tag }) => `${repository}:${tag}`);
}

const component = { format: 'docker', name: 'acme/shop', version: '1.1.0' };

describe('nexus', () => {
  test.each([
    ['CREATED', ['nexus.example.com:8083/acme/shop:1.1.0']],
    ['UPDATED', ['nexus.example.com:8083/acme/shop:1.1.0']],
    ['updated', ['nexus.example.com:8083/acme/shop:1.1.0']],
    ['DELETED', []],
    ['PURGED', []],
    [undefined, []],
  ])('%s', (action, expected) => {
    expect(parse(action, component, 'nexus.example.com:8083')).toEqual(expected);
  });

  test('the name of the repository in Nexus is no part of the image: the connector has it', () => {
    expect(parse('CREATED', { ...component, name: 'shop' }, 'nexus.example.com:8083')).toEqual([
      'nexus.example.com:8083/shop:1.1.0',
    ]);
  });

  test.each([
    ['a list', [], /^nexus: component: /],
    ['nothing', null, /^nexus: component: /],
    ['a version that is a number', { ...component, version: 3.4 }, /^nexus: component\.version: /],
  ])('a component that is %s is refused, by place', (_name, given, message) => {
    expect(() => parse('CREATED', given, 'nexus.example.com')).toThrow(
      expect.objectContaining({ code: 'bad-request', message: expect.stringMatching(message) as unknown }),
    );
  });

  test('proves itself by an HMAC-SHA1 of the body', () => {
    const raw = Buffer.from('{"action":"CREATED"}');
    const signature = createHmac('sha1', 's3cret').update(raw).digest('hex');
    const isProven = (secret: string): boolean => {
      const headers = { 'x-nexus-webhook-signature': signature };
      const request = { headers, body: {}, raw, registryHost: undefined };
      return nexus.proofs?.some((proves) => proves(request, secret)) === true;
    };

    expect([isProven('s3cret'), isProven('other')]).toEqual([true, false]);
  });
});
