import { describe, expect, test } from '@jest/globals';
import { eventTypes, outgoingEvent, type EventType } from '../../src/core/announcement.ts';
import { cdEvent } from '../../src/core/cdevents.ts';
import { enter } from '../../src/core/update.ts';
import { webhookFormats, type WebhookFormat } from '../../src/core/webhook-formats.ts';
import { anUpdate } from '../support/builders.ts';

const at = new Date('2026-01-01T00:00:01Z');
const failed = enter(anUpdate(), 'Failed', at, { reason: 'forbidden', message: 'may not patch' });
const formats = Object.keys(webhookFormats) as WebhookFormat[];

test('there are these formats', () => {
  expect(formats).toEqual(['updatekate', 'cdevents', 'cdevents-0.4']);
});

describe.each(formats)('%s', (format) => {
  test('has the same id for the same end, and says the same every time', () => {
    const message = webhookFormats[format].message(failed, 'update.failed');

    expect(message?.id).toBe(`${failed.name}-failed`);
    expect(webhookFormats[format].message(failed, 'update.failed')).toEqual(message);
  });

  test('says nothing about what has not ended', () => {
    expect(webhookFormats[format].message(anUpdate(), 'update.succeeded')).toBeUndefined();
  });
});

test('ours has words for everything, CDEvents for the two ends', () => {
  const types = Object.keys(eventTypes) as EventType[];
  const ends = ['update.succeeded', 'update.failed'];

  const taken = formats.map((format) => types.filter((type) => webhookFormats[format].takes(type)));

  expect(taken).toEqual([types, ends, ends]);
});

test('our own JSON is the event alone', () => {
  const message = webhookFormats.updatekate.message(failed, 'update.failed');

  expect(message).toMatchObject({ body: JSON.stringify(outgoingEvent(failed)), headers: {} });
});

test.each([
  ['cdevents', '0.5.1', 'dev.cdevents.incident.detected.0.3.0'],
  ['cdevents-0.4', '0.4.1', 'dev.cdevents.incident.detected.0.2.0'],
] as const)('%s is a CDEvent %s in the binary mode of CloudEvents', (format, version, type) => {
  const message = webhookFormats[format].message(failed, 'update.failed');

  expect(message?.body).toBe(JSON.stringify(cdEvent(failed, version)));
  expect(message?.headers).toEqual({
    'ce-specversion': '1.0',
    'ce-id': `${failed.name}-failed`,
    'ce-source': '/updatekate/default',
    'ce-type': type,
    'ce-subject': failed.name,
    'ce-time': '2026-01-01T00:00:01.000Z',
  });
});
