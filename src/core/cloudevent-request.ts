import type { WebhookRequest } from './registry.ts';
import { fieldAt, hasField, isFields, textAt } from './webhook-fields.ts';

/** A CloudEvent as it came, in whatever form; texts are empty where the sender gave none. */
export interface ReceivedEvent {
  readonly specversion: string;
  readonly type: string;
  readonly source: string;
  readonly subject: string;
  readonly data: unknown;
}

/**
 * The CloudEvents of a request: its headers and body (binary mode), its body (structured), or every item of its body
 * (batch). None when it is no CloudEvent, which is one that has neither `specversion` nor `type`. Total.
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md
 */
export function receivedEvents({ headers, body }: WebhookRequest): readonly ReceivedEvent[] {
  if (headers['ce-type'] !== undefined || headers['ce-specversion'] !== undefined) {
    return [binaryEvent(headers, body)];
  }
  return (Array.isArray(body) ? body : [body]).filter(isEvent).map(structuredEvent);
}

function isEvent(value: unknown): boolean {
  return textAt(value, 'specversion') !== '' || textAt(value, 'type') !== '';
}

function binaryEvent(headers: WebhookRequest['headers'], data: unknown): ReceivedEvent {
  const attribute = (name: string): string => decoded(headers[`ce-${name}`] ?? '').trim();
  return {
    ...{ specversion: attribute('specversion'), type: attribute('type') },
    ...{ source: attribute('source'), subject: attribute('subject'), data },
  };
}

function structuredEvent(event: unknown): ReceivedEvent {
  const attribute = (name: string): string => textAt(event, name);
  return {
    ...{ specversion: attribute('specversion'), type: attribute('type') },
    ...{ source: attribute('source'), subject: attribute('subject'), data: dataOf(event) },
  };
}

/** Data is JSON, or JSON in a text, or in base64: the last two are what senders of bytes make of it. */
function dataOf(event: unknown): unknown {
  const data = fieldAt(event, 'data');
  if (isFields(data) || !hasField(event, 'data', 'data_base64')) return data;
  const bytes = textAt(event, 'data_base64');
  const text = bytes === '' ? data : Buffer.from(bytes, 'base64').toString('utf8');
  return typeof text === 'string' ? jsonIn(text) : text;
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Attributes in headers are percent-encoded; one that is not, stays as it is. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
