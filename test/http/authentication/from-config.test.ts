import { describe, expect, test } from '@jest/globals';
import { loadConfig, type Environment } from '../../../src/config/load.ts';
import {
  authenticationFrom,
  type ConfiguredAuthentication,
} from '../../../src/http/authentication/from-config.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const [secret, other] = ['a-secret-canary-1', 'other-canary-1234'];
const sources = ['quay', 'ghcr', 'sns', 'ecr'];
const never = new AbortController().signal;

function build(environment: Environment, asked: string[] = []): ConfiguredAuthentication {
  const { config } = loadConfig(environment, () => '');
  const get = (url: string): Promise<string> => {
    asked.push(url);
    return Promise.reject(new Error('not here'));
  };
  return authenticationFrom(config, { clock: createFakeClock(), get, sources });
}

const topic = 'arn:aws:sns:eu-central-1:123456789012:images';
const proxied = {
  UK_TRUSTED_PROXIES: '10.0.0.0/8',
  UK_CLIENT_CERT_HEADER: 'x-dn',
  UK_CLIENT_CERT_SUBJECT: 'quay',
};

describe('the sources that are open', () => {
  test.each<readonly [string, Environment, readonly string[]]>([
    ['with nothing configured', {}, sources],
    ['with a secret of all', { UK_WEBHOOK_TOKEN: secret }, []],
    ['with secrets of single sources', { UK_WEBHOOK_TOKENS: `quay=${secret} ecr=${other}` }, ['ghcr', 'sns']],
    ['with topics of SNS', { UK_SNS_TOPICS: topic }, ['quay', 'ghcr']],
    ['with an audience', { UK_OIDC_AUDIENCE: 'x' }, []],
    ['with client certificates', proxied, []],
    [
      'with client certificates of its own TLS',
      { UK_CLIENT_CERT_SUBJECT: 'quay', UK_TLS_CLIENT_CA_FILE: 'ca.pem' },
      [],
    ],
    ['with proxies alone', { UK_TRUSTED_PROXIES: '10.0.0.0/8' }, sources],
  ])('%s', (_what, environment, expected) => {
    expect(build(environment).open).toEqual(expected);
  });
});

describe('what does not fit', () => {
  const cert = 'UK_CLIENT_CERT_HEADER means nothing without UK_TRUSTED_PROXIES and UK_CLIENT_CERT_SUBJECT';
  const { UK_CLIENT_CERT_SUBJECT, UK_CLIENT_CERT_HEADER, UK_TRUSTED_PROXIES } = proxied;

  test.each<readonly [string, Environment, string]>([
    [
      'secrets of a source that is not there',
      { UK_WEBHOOK_TOKENS: `quay=${secret} canary=${other}` },
      'UK_WEBHOOK_TOKENS=*** is not allowed: source 2 is unknown; allowed: quay, ghcr, sns, ecr',
    ],
    [
      'an email without an audience',
      { UK_OIDC_EMAIL: 'a@b' },
      'UK_OIDC_EMAIL and UK_OIDC_SUBJECT mean nothing without UK_OIDC_AUDIENCE',
    ],
    [
      'a subject without an audience',
      { UK_OIDC_SUBJECT: '1' },
      'UK_OIDC_EMAIL and UK_OIDC_SUBJECT mean nothing without UK_OIDC_AUDIENCE',
    ],
    ['a header without proxies', { UK_CLIENT_CERT_HEADER, UK_CLIENT_CERT_SUBJECT }, cert],
    ['a header without a subject', { UK_CLIENT_CERT_HEADER, UK_TRUSTED_PROXIES }, cert],
    [
      'a subject without a header',
      { UK_CLIENT_CERT_SUBJECT },
      'UK_CLIENT_CERT_SUBJECT means nothing without UK_CLIENT_CERT_HEADER or UK_TLS_CLIENT_CA_FILE',
    ],
    [
      'authorities without a subject',
      { UK_TLS_CLIENT_CA_FILE: 'ca.pem' },
      'UK_TLS_CLIENT_CA_FILE means nothing without UK_CLIENT_CERT_SUBJECT',
    ],
    [
      'a subject that is no name',
      { ...proxied, UK_CLIENT_CERT_SUBJECT: 'CN=quay,Acme' },
      'UK_CLIENT_CERT_SUBJECT=CN=quay,Acme is not allowed; allowed: a distinguished name or a common name',
    ],
  ])('stops the start: %s', (_what, environment, message) => {
    expect(() => build(environment)).toThrow(expect.objectContaining({ code: 'bad-config', message }));
  });
});

describe('tokens of an issuer', () => {
  test('are let in from every account where none is named, which is said', () => {
    expect(build({ UK_OIDC_AUDIENCE: 'x' }).anyAccount).toBe(true);
    expect(build({ UK_OIDC_AUDIENCE: 'x', UK_OIDC_EMAIL: 'a@b' }).anyAccount).toBe(false);
    expect(build({ UK_OIDC_AUDIENCE: 'x', UK_OIDC_SUBJECT: '1' }).anyAccount).toBe(false);
    expect(build({}).anyAccount).toBe(false);
  });

  test('have their keys fetched at the start, and only when they are wanted', async () => {
    const asked: string[] = [];

    await build({}, asked).warmUp(never);
    await expect(build({ UK_OIDC_AUDIENCE: 'x' }, asked).warmUp(never)).rejects.toMatchObject({
      code: 'unavailable',
    });

    expect(asked).toEqual(['https://accounts.google.com/.well-known/openid-configuration']);
  });
});
