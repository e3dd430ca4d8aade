import { describe, expect, test } from '@jest/globals';
import { loadConfig } from '../../src/config/load.ts';
import { readProxies } from '../../src/config/proxy.ts';
import { warningsOf } from '../../src/config/warnings.ts';
import { AppError } from '../../src/core/errors.ts';

const [small, large] = ['http://small.test:3128', 'http://large.test:3128'];
const of = (environment: Record<string, string>) => {
  const { proxies } = readProxies(environment);
  return [proxies?.of('https://hook.test/'), proxies?.of('http://hook.test/')];
};

describe('proxies', () => {
  test.each<[Record<string, string>, string | undefined, string | undefined]>([
    [{}, undefined, undefined],
    [{ no_proxy: 'a.test' }, undefined, undefined],
    [{ https_proxy: small }, `${small}/`, undefined],
    [{ http_proxy: small }, undefined, `${small}/`],
    [{ HTTPS_PROXY: large, HTTP_PROXY: large }, `${large}/`, `${large}/`],
    [{ https_proxy: small, HTTPS_PROXY: large, HTTP_PROXY: large }, `${small}/`, `${large}/`],
    [{ https_proxy: ' ', HTTPS_PROXY: ` ${large} ` }, `${large}/`, undefined],
    [{ https_proxy: small, http_proxy: '' }, `${small}/`, undefined],
    [{ https_proxy: small, no_proxy: 'a.test', NO_PROXY: 'hook.test' }, `${small}/`, undefined],
    [{ https_proxy: small, no_proxy: 'hook.test', NO_PROXY: 'a.test' }, undefined, undefined],
    [{ https_proxy: small, NO_PROXY: 'hook.test' }, undefined, undefined],
    [{ ALL_PROXY: large, UK_HTTPS_PROXY: large }, undefined, undefined],
  ])('of %j', (environment, https, http) => {
    expect(of(environment)).toEqual([https, http]);
  });

  test('are none where no variable names one', () => {
    expect(readProxies({ no_proxy: '*' }).proxies).toBeUndefined();
  });

  test.each([
    [{ https_proxy: 'socks5://ann:canary@proxy.test:1080' }, 'https_proxy=socks5://***'],
    [{ HTTP_PROXY: 'http://ann:canary' }, 'HTTP_PROXY=http://***'],
    [{ HTTPS_PROXY: 'ann:can@ary proxy.test' }, 'HTTPS_PROXY=***'],
    [{ http_proxy: 'http://ann:canary%@proxy.test' }, 'http_proxy=http://***'],
    [{ http_proxy: 'http://a\nnn:canary@proxy:x' }, 'http_proxy=http://***'],
    [{ https_proxy: '', HTTPS_PROXY: 'ann://' }, 'HTTPS_PROXY=ann://***'],
  ])('that cannot be read stop the start with one line: %j', (environment, shown) => {
    const load = () => loadConfig(environment, () => '');

    expect(load).toThrow(AppError);
    expect(load).toThrow(
      new RegExp(
        `^${shown.replaceAll('*', '\\*')} is not allowed; allowed: http://\\[user:password@\\]host\\[:port\\], or .*$`,
      ),
    );
  });

  test.each([
    [{ HTTPS_PROXY: large }, 'HTTPS_PROXY'],
    [{ https_proxy: small, http_proxy: small }, 'https_proxy'],
    [{ HTTP_PROXY: large, no_proxy: '*' }, 'HTTP_PROXY'],
  ])('stop the start on a Node that knows none: %j', (environment, variable) => {
    expect(() => readProxies(environment, '22.19.0')).toThrow(
      `${variable} is set, and Node 22.19.0 knows no proxies: 22.21, 24.5 or newer is needed for that`,
    );
  });

  test.each([{}, { no_proxy: '*' }, { HTTPS_PROXY: '' }])(
    'leave an old Node alone where there are none: %j',
    (environment) => {
      expect(readProxies(environment, '22.19.0').proxies).toBeUndefined();
    },
  );

  test('are shown without their logins, and only where they are set', () => {
    const environment = {
      https_proxy: 'http://ann:canary@proxy.test:3128',
      HTTP_PROXY: 'ann:can@ary@proxy.test',
      NO_PROXY: '.svc',
      http_proxy: '',
    };

    const { shown, config } = loadConfig(environment, () => '');

    expect(shown).toMatchObject({
      https_proxy: 'http://***@proxy.test:3128',
      HTTP_PROXY: '***@proxy.test',
      NO_PROXY: '.svc',
    });
    expect(Object.keys(shown)).not.toContain('http_proxy');
    expect(JSON.stringify([shown, config])).not.toContain('canary');
    expect(config.proxies?.of('http://hook.test/')).toContain('ann');
  });

  test('leave the start alone when an entry of no_proxy means nothing, but say so', () => {
    const { config } = loadConfig({ https_proxy: small, no_proxy: '10.0.0.0/33,.svc' }, () => '');

    expect(warningsOf(config, 'all')).toEqual([
      { fields: { entries: ['10.0.0.0/33'] }, message: 'these entries of no_proxy mean nothing' },
    ]);
  });

  test.each<[Record<string, string>, boolean]>([
    [{ http_proxy: small }, true],
    [{ HTTP_PROXY: small, no_proxy: '.svc' }, true],
    [{ http_proxy: small, https_proxy: ' ' }, true],
    [{ http_proxy: small, no_proxy: '*' }, false],
    [{ http_proxy: small, HTTPS_PROXY: small }, false],
    [{ https_proxy: small }, false],
    [{ no_proxy: '.svc' }, false],
    [{}, false],
  ])('for http alone are told to be that: %j, %j', (environment, isSaid) => {
    const { config } = loadConfig(environment, () => '');

    const message =
      'http_proxy is set and https_proxy is not: Slack and all else that is https goes straight, past the proxy';
    expect(warningsOf(config, 'notify')).toEqual(isSaid ? [{ fields: {}, message }] : []);
  });
});
