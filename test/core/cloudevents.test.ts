import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cloudEventHeaders, sourceOf } from '../../src/core/cloudevents.ts';

const attributes = {
  id: 'up-1-succeeded',
  source: '/updatekate/default',
  type: 'dev.cdevents.service.upgraded.0.3.0',
  subject: 'default/default/Deployment/shop',
  time: '2026-01-01T00:00:42.000Z',
};

/** Binary mode, section 3.1.3.2: the value that a header stands for. */
function decoded(header: string | undefined): string {
  return decodeURIComponent(header ?? '');
}

test('the source is the cluster, as a part of a path', () => {
  expect(sourceOf('default')).toBe('/updatekate/default');
  expect(sourceOf('a b/\ud800')).toBe('/updatekate/a%20b%2F%EF%BF%BD');
});

describe('the headers of a CloudEvent', () => {
  test('are its attributes, and the version of the specification', () => {
    expect(cloudEventHeaders(attributes)).toEqual({
      'ce-specversion': '1.0',
      'ce-id': 'up-1-succeeded',
      'ce-source': '/updatekate/default',
      'ce-type': 'dev.cdevents.service.upgraded.0.3.0',
      'ce-subject': 'default/default/Deployment/shop',
      'ce-time': '2026-01-01T00:00:42.000Z',
    });
  });

  test.each([
    ['Euro € 😀', 'Euro%20%E2%82%AC%20%F0%9F%98%80'],
    ['50%', '50%25'],
    ['"quoted"', '%22quoted%22'],
    ['a\r\nwebhook-id: b', 'a%0D%0Awebhook-id:%20b'],
    ["!#$&'()*+,-./:;<=>?@[\\]^_`{|}~", "!#$&'()*+,-./:;<=>?@[\\]^_`{|}~"],
    ['\ud83d', '%EF%BF%BD'],
  ])('%p is written %s', (subject, expected) => {
    expect(cloudEventHeaders({ ...attributes, subject })['ce-subject']).toBe(expected);
  });

  test('are printable, and give back what was written', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (subject) => {
        const header = cloudEventHeaders({ ...attributes, subject })['ce-subject'];

        expect(header).toMatch(/^[\x21-\x7e]*$/);
        expect(decoded(header)).toBe(subject);
      }),
    );
  });
});
