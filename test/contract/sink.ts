import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { AppError } from '../../src/core/errors.ts';
import { noticeKinds, type NoticeKind } from '../../src/core/notice.ts';
import type { Message, Sink } from '../../src/core/ports.ts';
import { aMessageOf, keptBack, laden } from '../support/notices.ts';

export { aMessage, aMessageOf, aNotice, keptBack } from '../support/notices.ts';

/** A sink with a local server on the other side that demands what the vendor's documentation does. */
export interface SinkKit {
  readonly sink: Sink;
  /** What may appear nowhere in errors: tokens, addresses with tokens in them. */
  readonly secrets: readonly string[];
  /** As many characters of a text without markup as are shown at least. */
  readonly room: number;
  /** Whether it shows notices of this kind at all; it does those of one of `update.succeeded` and `update.failed`. */
  shows(kind: NoticeKind): boolean;
  /**
   * The texts that people see now, one for each message, as the vendor would show them: markup resolved to plain text,
   * so that text that was not meant as markup must come out as it was. What the vendor would have refused is not here.
   */
  shown(): readonly string[];
  /** Whom a message calls up or whatever else it sets off by markup in its text (mentions); must stay empty. */
  setOff(): readonly string[];
  /** Everything that the other side was sent, with addresses and headers. */
  sent(): string;
  /** The other side answers the next request as it does when it is asked too often; undefined = the vendor has no such answer. */
  readonly refusePace: ((retryAfterSeconds: number) => void) | undefined;
  /** The next request is answered in the vendor's own form of an error that only its owner can mend (token revoked, channel gone). */
  refuse(): void;
  /** The next request is answered 503, or the connection is cut, as often as `times`. */
  fail(times: number): void;
  /** The next request is never answered. */
  silence(): void;
  close(): Promise<void>;
}

const hostile = `<!channel> @everyone @here <@U0ADA0001> <users/all> **bold** _it_ ~no~ \`code\` [x](https://evil.example) <b>&amp;</b> # h`;
const { signal } = new AbortController();

/** What every sink keeps, whoever is on the other side. */
export function sinkContract(name: string, start: () => Promise<SinkKit>): void {
  describe(`sink contract: ${name}`, () => {
    let kit: SinkKit;
    /** Something that is shown. */
    let usual: Message;
    beforeEach(async () => {
      kit = await start();
      usual = aMessageOf(kit.shows('update.succeeded') ? 'update.succeeded' : 'update.failed');
    });
    afterEach(() => kit.close());

    const sendText = (text: string, id = usual.notice.id): Promise<void> =>
      kit.sink.send({ notice: { ...usual.notice, id }, text }, signal);
    /** Lines of a text that there is room for, and that are not shown. */
    const missingLines = (text: string): readonly string[] =>
      linesWithin(text, kit.room).filter((line) => !kit.shown()[0]?.includes(line));
    /** What a send was refused with. */
    const refusal = async (): Promise<AppError> => {
      const error: unknown = await kit.sink.send(usual, signal).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(AppError);
      for (const secret of kit.secrets) expect((error as AppError).message).not.toContain(secret);
      return error as AppError;
    };

    test('shows what happened, to what, and where', async () => {
      await kit.sink.send(usual, signal);

      expect(kit.shown()).toHaveLength(1);
      expect(missingLines(usual.text)).toEqual([]);
    });

    test('shows text as it is: nothing in it calls anybody up or is markup', async () => {
      await sendText(`shop\n${hostile}`);

      expect(kit.shown()[0]).toContain(hostile);
      expect(kit.setOff()).toEqual([]);
    });

    test('shows as much as there is room for, however much there is', async () => {
      const lines = Array.from({ length: 2000 }, (_, n) => `c${n}: quay.io/acme/shop:1.0.0 → 1.1.0`);
      const text = ['shop deployed to till', ...lines].join('\n');
      await sendText(text);

      expect(kit.shown()).toHaveLength(1);
      expect(linesWithin(text, kit.room).length).toBeGreaterThan(1);
      expect(missingLines(text)).toEqual([]);
    });

    test('never shows half a character', async () => {
      await sendText(`shop\n${'🚢'.repeat(30_000)}`);
      await sendText(`shops\n${'🚢'.repeat(30_000)}`, 'another');

      expect(kit.shown()).not.toEqual([]);
      for (const text of kit.shown()) expect(text.isWellFormed()).toBe(true);
    });

    test.each(noticeKinds)('shows %s in its words, or not at all', async (kind) => {
      // There must be something that can be deleted.
      await kit.sink.send(usual, signal);
      const before = kit.shown().length;
      const message = aMessageOf(kind, { id: 'another' });

      await kit.sink.send(message, signal);

      const shown = kit.shown().slice(before);
      expect(shown).toHaveLength(kit.shows(kind) ? 1 : 0);
      for (const text of shown) expect(text).toContain(message.text.split('\n')[0]);
    });

    test.each(noticeKinds)('asks for something with %s, unless it tells nothing of that', async (kind) => {
      // There must be something that can be deleted.
      await kit.sink.send(usual, signal);
      const before = kit.sent();

      await kit.sink.send(aMessageOf(kind, { id: 'another' }), signal);

      expect(kit.sent() !== before).toBe(kit.sink.tells?.(kind) ?? true);
    });

    test('sends what is in the message, and nothing that stands next to it', async () => {
      await kit.sink.send(laden(usual), signal);

      expect(kit.shown()).toHaveLength(1);
      expect(kit.sent()).toContain('shop');
      expect(kit.sent()).not.toContain(keptBack);
    });

    test('says how long to wait when it is asked too often', async () => {
      if (!kit.refusePace) return;
      kit.refusePace(40);

      const error = await refusal();

      expect([error.code, error.retryAfterMs]).toEqual(['rate-limited', 40_000]);
      expect(kit.shown()).toEqual([]);
    });

    test('says what the other side says is wrong, and nothing that is secret', async () => {
      kit.refuse();

      const error = await refusal();

      expect(error.message).not.toBe('');
      expect(kit.shown()).toEqual([]);
    });

    test('that cannot be reached may be tried again', async () => {
      kit.fail(10);

      expect(['unavailable', 'timeout']).toContain((await refusal()).code);
    });

    test('ends when it is stopped', async () => {
      kit.silence();
      const stop = new AbortController();
      const sending = kit.sink.send(usual, stop.signal);
      stop.abort();

      await expect(sending).rejects.toThrow();
    });
  });
}

/** The lines that end within the first `room` characters. */
function linesWithin(text: string, room: number): readonly string[] {
  return text.length <= room ? text.split('\n') : text.slice(0, room).split('\n').slice(0, -1);
}
