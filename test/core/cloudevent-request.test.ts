import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { receivedEvents, type ReceivedEvent } from '../../src/core/cloudevent-request.ts';

function events(body: unknown, headers: Readonly<Record<string, string>> = {}): readonly ReceivedEvent[] {
  return receivedEvents({ headers, body, raw: Buffer.of(), registryHost: undefined });
}

const envelope = { specversion: '1.0', type: 'image.push', source: '/ci', subject: 'shop:1' };
const data = { tag: '1' };

describe('the CloudEvents of a request', () => {
  test('binary mode: attributes in headers, percent-encoded; the body is the data', () => {
    const headers = {
      ...{ 'ce-specversion': '1.0', 'ce-type': 'image.push', 'ce-source': '/ci/a%20b' },
      'ce-subject': 'shop:100%',
    };

    expect(events(data, headers)).toEqual([{ ...envelope, source: '/ci/a b', subject: 'shop:100%', data }]);
  });

  test('binary mode needs a type or a version, and what is missing is empty', () => {
    const none = { specversion: '', type: '', source: '', subject: '' };

    expect(events(data, { 'ce-type': 'image.push' })).toEqual([{ ...none, type: 'image.push', data }]);
    expect(events(data, { 'ce-specversion': '1.0' })).toEqual([{ ...none, specversion: '1.0', data }]);
  });

  test('headers say more than the body', () => {
    const [event] = events({ ...envelope, data }, { 'ce-type': 'outer' });

    expect(event).toMatchObject({ type: 'outer', data: { type: 'image.push' } });
  });

  test('structured mode: one object', () => {
    expect(events({ ...envelope, data })).toEqual([{ ...envelope, data }]);
  });

  test.each([
    ['an object', { data }, data],
    ['a text of JSON', { data: '{"tag":"1"}' }, data],
    ['another text', { data: 'hello' }, 'hello'],
    ['base64', { data_base64: Buffer.from('{"tag":"1"}').toString('base64') }, data],
    ['a number', { data: 7 }, 7],
    ['nothing', {}, undefined],
  ])('data is %s', (_name, given, expected) => {
    expect(events({ ...envelope, ...given })[0]?.data).toEqual(expected);
  });

  test('batch mode: every item that is an event', () => {
    expect(events([{ ...envelope, data }, { a: 1 }, null, { type: 'x' }]).map(({ type }) => type)).toEqual([
      'image.push',
      'x',
    ]);
  });

  test.each([[{}], [null], [[]], ['text'], [{ specversion: 1, type: ['x'] }]])('%j is none', (body) => {
    expect(events(body)).toEqual([]);
  });

  test('is total', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), (body, type) => {
        for (const event of [...events(body), ...events(body, { 'ce-type': type })]) {
          expect(typeof event.type).toBe('string');
        }
      }),
    );
  });
});
