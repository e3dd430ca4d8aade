import { cloudEventHeaders, sourceOf, type CloudEventAttributes } from '../../core/cloudevents.ts';
import { hasCdEvent, noticeCdEvent } from '../../core/notice-cdevent.ts';
import type { NoticeKind } from '../../core/notice.ts';
import type { Message } from '../../core/ports.ts';
import type { WebhookMessage } from '../../core/webhook-formats.ts';
import { workloadId } from '../../core/workload.ts';
import { saidOf } from './said.ts';

/** How a notice is posted. */
export interface NoticeFormat {
  /** Whether it has words for such notices. */
  tells(kind: NoticeKind): boolean;
  /**
   * `undefined` for a notice that it has no words for.
   *
   * @throws AppError `gone` when they would need what the notice does not have.
   */
  message(message: Message): WebhookMessage | undefined;
}

/** Every format, by its name in the settings. One more is one more line. */
export const noticeFormats = {
  updatekate: { tells: () => true, message: ownJson },
  cloudevents: { tells: () => true, message: cloudEvent },
  cdevents: { tells: hasCdEvent, message: cdEvent },
} as const satisfies Readonly<Record<string, NoticeFormat>>;

/** The name of a format. */
export type NoticeFormatName = keyof typeof noticeFormats;

function ownJson(message: Message): WebhookMessage {
  return { id: message.notice.id, body: JSON.stringify(saidOf(message)), headers: {} };
}

/** Our own JSON in the binary mode of CloudEvents, of which the content type is an attribute. */
function cloudEvent(message: Message): WebhookMessage {
  const { id, kind, at, workload } = message.notice;
  const source = sourceOf(workload.cluster);
  const attributes = { id, source, type: `dev.updatekate.${kind}`, subject: workloadId(workload), time: at };
  return inBinaryMode(attributes, saidOf(message));
}

/** https://github.com/cdevents/spec/blob/v0.5.1/cloudevents-binding.md */
function cdEvent(message: Message): WebhookMessage | undefined {
  const event = noticeCdEvent(message.notice, saidOf(message));
  if (!event) return undefined;
  const { id, source, type, timestamp } = event.context;
  return inBinaryMode({ id, source, type, subject: event.subject.id, time: timestamp }, event);
}

function inBinaryMode(attributes: CloudEventAttributes, data: unknown): WebhookMessage {
  return { id: attributes.id, body: JSON.stringify(data), headers: cloudEventHeaders(attributes) };
}
