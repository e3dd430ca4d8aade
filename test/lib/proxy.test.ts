import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createProxies, proxyHost, readProxyUrl } from '../../src/lib/proxy.ts';

const [secure, plain] = ['http://secure.proxy.test:3128/', 'http://plain.proxy.test:3128/'];
const via = (url: string, exempt = ''): string | undefined =>
  createProxies({ https: secure, http: plain, exempt }).of(url);

describe('a proxy is asked for', () => {
  test.each([
    ['https://hook.test/a', secure],
    ['https://hook.test:8443/', secure],
    ['wss://wss.slack.test/link', secure],
    ['http://hook.test/', plain],
    ['ws://hook.test/', plain],
    ['http://10.0.0.1/', plain],
    ['https://[2001:db8::1]/', secure],
    ['https://mylocalhost/', secure],
    ['https://localhost.test/', secure],
    ['https://0.0.0.0/', secure],
  ])('%s', (url, expected) => {
    expect(via(url)).toBe(expected);
  });

  test.each([
    'http://localhost:8888/info',
    'https://LOCALHOST/',
    'http://localhost./',
    'http://app.localhost/',
    'http://127.0.0.1/',
    'http://127.1/',
    'https://127.255.0.9:8443/',
    'http://[::1]:80/',
    'http://[::ffff:127.0.0.1]/',
    'no address',
  ])('nothing that is on this machine, or is no address: %s', (url) => {
    expect(via(url)).toBeUndefined();
  });

  test('what it is there for, and for nothing else', () => {
    const one = createProxies({ https: secure, http: undefined, exempt: '' });

    expect([one.of('https://hook.test/'), one.of('http://hook.test/')]).toEqual([secure, undefined]);
  });
});

describe('no_proxy', () => {
  test.each([
    ['*', 'https://hook.test/'],
    ['a.test, *', 'https://hook.test/'],
    ['hook.test', 'https://hook.test/'],
    ['HOOK.test', 'https://hook.TEST:8443/'],
    ['hook.test.', 'https://hook.test/'],
    ['hook.test', 'https://hook.test./'],
    ['a.test,hook.test', 'https://hook.test/'],
    ['a.test  hook.test', 'https://hook.test/'],
    ['test', 'https://hook.test/'],
    ['hook.test', 'https://a.b.hook.test/'],
    ['.hook.test', 'https://a.hook.test/'],
    ['.hook.test', 'https://hook.test/'],
    ['*.hook.test', 'https://a.hook.test/'],
    ['.svc,.cluster.local', 'http://el-updates.tekton.svc:8080/'],
    ['bücher.test', 'https://bücher.test/'],
    ['hook.test:443', 'https://hook.test/'],
    ['hook.test:80', 'http://hook.test/'],
    ['hook.test:443', 'wss://hook.test/'],
    ['hook.test:8443', 'https://a.hook.test:8443/'],
    ['*:8443', 'https://hook.test:8443/'],
    ['10.1.2.3', 'http://10.1.2.3/'],
    ['10.1.2.3:8080', 'http://10.1.2.3:8080/'],
    ['10.0.0.0/8', 'http://10.1.2.3/'],
    ['10.1.2.3/32', 'http://10.1.2.3/'],
    ['0.0.0.0/0', 'http://10.1.2.3/'],
    ['10.0.0.0/8', 'http://[::ffff:10.1.2.3]/'],
    ['2001:db8::1', 'https://[2001:DB8:0::1]/'],
    ['[2001:db8::1]', 'https://[2001:db8::1]/'],
    ['[2001:db8::1]:8443', 'https://[2001:db8::1]:8443/'],
    ['2001:db8::/32', 'https://[2001:db8::1]/'],
    ['[2001:db8::]/32', 'https://[2001:db8::1]/'],
  ])('%s lets %s go straight', (exempt, url) => {
    expect(via(url, exempt)).toBeUndefined();
    expect(createProxies({ https: secure, http: plain, exempt }).unread).toEqual([]);
  });

  test.each([
    ['', 'https://hook.test/'],
    ['hook.test', 'https://myhook.test/'],
    ['.hook.test', 'https://myhook.test/'],
    ['hook.test', 'https://hook.test.example/'],
    ['hook.test:8443', 'https://hook.test/'],
    ['hook.test:80', 'https://hook.test/'],
    ['*:80', 'https://hook.test/'],
    ['10.1.2.3', 'http://10.1.2.30/'],
    ['10.1.2.3:8080', 'http://10.1.2.3/'],
    ['10.1.0.0/16', 'http://10.2.0.1/'],
    ['10.0.0.0/8', 'http://hook.test/'],
    ['2001:db8::1', 'https://[2001:db8::2]/'],
    ['[2001:db8::1]:8443', 'https://[2001:db8::1]/'],
    ['2001:db8::/32', 'https://[2001:db9::1]/'],
    ['0.0.0.0/0', 'https://[2001:db8::1]/'],
  ])('%j leaves %s to the proxy', (exempt, url) => {
    expect(via(url, exempt)).toBe(url.startsWith('https') ? secure : plain);
  });

  test.each([
    '10.0.0.0/33',
    '10.0.0.0/8/8',
    '10.0.0.0/',
    '10.0.0/8',
    '::1/129',
    'http://a.test',
    'a..b',
    '.',
    '[::1',
  ])('the entry %j means nothing, and says so; the others hold', (entry) => {
    const { of, unread } = createProxies({ https: secure, http: plain, exempt: `${entry},hook.test` });

    expect(unread).toEqual([entry]);
    expect([of('https://hook.test/'), of('https://other.test/')]).toEqual([undefined, secure]);
  });

  const numbers = fc.tuple(fc.nat(0xffff_ffff), fc.nat(0xffff_ffff), fc.integer({ min: 0, max: 32 }));
  const dotted = (number: number): string =>
    [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join('.');

  test('a network covers the addresses whose first bits are its own', () => {
    fc.assert(
      fc.property(numbers, fc.boolean(), ([network, other, bits], near) => {
        const address = near ? (network & ~0xff) | (other & 0xff) : other;
        const same = bits === 0 || network >>> (32 - bits) === address >>> (32 - bits);
        const here = address >>> 24 === 127;

        expect(via(`http://${dotted(address)}/`, `${dotted(network)}/${bits}`) === undefined).toBe(
          same || here,
        );
      }),
    );
  });

  test('whatever it says, every address is decided upon', () => {
    const words = fc.stringMatching(/^[-\w.*:/[\], %@]{0,40}$/);
    fc.assert(
      fc.property(fc.oneof(words, fc.string()), fc.webUrl(), (exempt, url) => {
        expect([undefined, secure, plain]).toContain(via(url, exempt));
      }),
    );
  });
});

describe('the address of a proxy', () => {
  test.each([
    ['http://proxy.test:3128', 'http://proxy.test:3128/', 'proxy.test:3128'],
    ['http://proxy.test', 'http://proxy.test/', 'proxy.test'],
    ['HTTPS://Proxy.test/', 'https://proxy.test/', 'proxy.test'],
    ['proxy.test:3128', 'http://proxy.test:3128/', 'proxy.test:3128'],
    ['10.0.0.1:3128', 'http://10.0.0.1:3128/', '10.0.0.1:3128'],
    ['http://[2001:db8::1]:3128', 'http://[2001:db8::1]:3128/', '[2001:db8::1]:3128'],
    ['http://ann:p%40ss@proxy.test:3128', 'http://ann:p%40ss@proxy.test:3128/', 'proxy.test:3128'],
    ['ann:secret@proxy.test:3128', 'http://ann:secret@proxy.test:3128/', 'proxy.test:3128'],
  ])('%s is read, and shown without its login', (text, expected, shown) => {
    expect(readProxyUrl(text)).toBe(expected);
    expect(proxyHost(expected)).toBe(shown);
  });

  test.each([
    'socks5://proxy.test:1080',
    'ftp://proxy.test',
    'http://',
    'http://proxy.test:port',
    'http://proxy.test:99999',
    'http://proxy.test/path',
    'http://proxy.test/?a',
    'http://proxy.test/#a',
    'http://ann:100%@proxy.test',
    'http://%E0:secret@proxy.test',
    'proxy test',
    '',
  ])('%j is none', (text) => {
    expect(readProxyUrl(text)).toBeUndefined();
  });
});
