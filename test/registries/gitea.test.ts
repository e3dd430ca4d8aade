import { createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { gitea } from '../../src/registries/gitea.ts';

const pack = {
  ...{ type: 'container', name: 'shop', version: '1.1.0', owner: { login: 'acme' } },
  html_url: 'https://git.example.com/acme/-/packages/container/shop/1.1.0',
};

function parse(changes: object, registryHost?: string): readonly string[] {
  const body = { action: 'created', package: { ...pack, ...changes } };
  const headers = { 'x-gitea-event': 'package' };
  const pushes = gitea.parse({ headers, body, raw: Buffer.of(), registryHost });
  return pushes.map(({ repository, tag }) => `${repository}:${tag}`);
}

describe('gitea', () => {
  test.each([
    ['the address of the instance', {}, undefined, 'git.example.com/acme/shop:1.1.0'],
    ['that address, whatever ?registry= says', {}, 'evil.example.com', 'git.example.com/acme/shop:1.1.0'],
    ['?registry= without an address', { html_url: '' }, 'git.example.org', 'git.example.org/acme/shop:1.1.0'],
  ])('the host is %s', (_name, changes, host, expected) => {
    expect(parse(changes, host)).toEqual([expected]);
  });

  test.each([
    [{ login: 'Acme', username: 'other' }, 'git.example.com/acme/shop:1.1.0'],
    [{ login: '', username: 'Acme' }, 'git.example.com/acme/shop:1.1.0'],
    [{ username: 'Acme' }, 'git.example.com/acme/shop:1.1.0'],
  ])('the owner of %j', (owner, expected) => {
    expect(parse({ owner })).toEqual([expected]);
  });

  test.each(['push', 'ping', 'release'])('the event %s is no package', (event) => {
    for (const header of ['x-gitea-event', 'x-forgejo-event']) {
      const request = { headers: { [header]: event }, body: {}, raw: Buffer.of(), registryHost: undefined };

      expect(gitea.parse(request)).toEqual([]);
    }
  });

  test('takes no webhook of GitHub for its own', () => {
    const headers = { 'x-github-event': 'package' };
    const body = { action: 'published', package: { html_url: 'https://github.com/acme/shop/packages/1' } };

    expect(gitea.recognises({ headers, body, raw: Buffer.of(), registryHost: undefined })).toBe(false);
  });

  test.each([
    ['x-gitea-signature', ''],
    ['x-forgejo-signature', ''],
    ['x-hub-signature-256', 'sha256='],
  ])('proves itself by an HMAC-SHA256 in %s', (header, prefix) => {
    const raw = Buffer.from('{"action":"created"}');
    const value = `${prefix}${createHmac('sha256', 's3cret').update(raw).digest('hex')}`;
    const isProven = (secret: string): boolean => {
      const request = { headers: { [header]: value }, body: {}, raw, registryHost: undefined };
      return gitea.proofs?.some((proves) => proves(request, secret)) === true;
    };

    expect([isProven('s3cret'), isProven('other')]).toEqual([true, false]);
  });
});
