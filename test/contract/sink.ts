import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { AppError } from '../../src/core/errors.ts';
import type { Notice } from '../../src/core/notice.ts';
import type { Sink } from '../../src/core/ports.ts';
import { usualWording } from '../../src/core/wording.ts';

/** A sink with a local server on the other side that demands what the vendor's documentation does. */
export interface SinkKit {
  readonly sink: Sink;
  /** What may appear nowhere in errors: tokens, addresses with tokens in them. */
  readonly secrets: readonly string[];
  /**
   * The texts that people see now, one for each message, as the vendor would show them: markup resolved to plain text,
   * so that text that was not meant as markup must come out as it was. What the vendor would have refused is not here.
   */
  shown(): readonly string[];
  /** Whom a message calls up or whatever else it sets off by markup in its text (mentions); must stay empty. */
  setOff(): readonly string[];
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

/** A notice for sinks; the usual one has everything. */
export function aNotice(different: Partial<Notice> = {}): Notice {
  return {
    ...{ id: 'up-1-succeeded', thread: 'up-1', kind: 'update.succeeded', severity: 'info' },
    at: '2026-01-01T00:10:00.000Z',
    workload: { cluster: 'north', namespace: 'till', kind: 'Deployment', name: 'shop' },
    team: 'checkout',
    images: [{ container: 'app', from: 'quay.io/acme/shop:1.0.0', to: 'quay.io/acme/shop:1.1.0' }],
    by: ['ann@acme.example'],
    ...{ reason: undefined, message: undefined },
    link: 'https://argo.example/till/shop?a=1&b=2',
    ...different,
  };
}

/** The notice in its usual words. */
export function aMessage(different: Partial<Notice> = {}): {
  readonly notice: Notice;
  readonly text: string;
} {
  const notice = aNotice(different);
  return { notice, text: usualWording(notice) };
}

const hostile = `<!channel> @everyone @here <@U0ADA0001> <users/all> **bold** _it_ ~no~ \`code\` [x](https://evil.example) <b>&amp;</b> # h`;
const { signal } = new AbortController();

/** What every sink keeps, whoever is on the other side. */
export function sinkContract(name: string, start: () => Promise<SinkKit>): void {
  describe(`sink contract: ${name}`, () => {
    let kit: SinkKit;
    beforeEach(async () => {
      kit = await start();
    });
    afterEach(() => kit.close());

    /** What a send was refused with. */
    const refusal = async (): Promise<AppError> => {
      const error: unknown = await kit.sink.send(aMessage(), signal).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(AppError);
      for (const secret of kit.secrets) expect((error as AppError).message).not.toContain(secret);
      return error as AppError;
    };

    test('shows what happened, to what, and where', async () => {
      await kit.sink.send(aMessage(), signal);

      expect(kit.shown()).toHaveLength(1);
      for (const words of [
        'shop deployed to till',
        'quay.io/acme/shop:1.0.0',
        'quay.io/acme/shop:1.1.0',
        'checkout',
        'north',
      ])
        expect(kit.shown()[0]).toContain(words);
    });

    test('shows text as it is: nothing in it calls anybody up or is markup', async () => {
      await kit.sink.send(aMessage({ kind: 'update.failed', severity: 'error', message: hostile }), signal);

      expect(kit.shown()[0]).toContain(hostile);
      expect(kit.setOff()).toEqual([]);
    });

    test('shows as much as there is room for, however much there is', async () => {
      const images = Array.from({ length: 400 }, (_, n) => ({
        container: `container-${n}`,
        ...{ from: `quay.io/acme/shop-${n}:1.0.0`, to: `quay.io/acme/shop-${n}:1.1.0` },
      }));
      await kit.sink.send(aMessage({ images, message: '🚢'.repeat(3000) }), signal);

      expect(kit.shown()).toHaveLength(1);
      expect(kit.shown()[0]).toContain('shop deployed to till');
    });

    test('shows every kind of notice', async () => {
      await kit.sink.send(aMessage({ id: 'a', kind: 'update.awaiting-approval' }), signal);
      await kit.sink.send(
        aMessage({ id: 'b', kind: 'update.expired', severity: 'warning', team: undefined }),
        signal,
      );
      await kit.sink.send(
        aMessage({ id: 'c', kind: 'update.failed', severity: 'error', link: undefined, by: [] }),
        signal,
      );

      expect(kit.shown()).toHaveLength(3);
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
      const sending = kit.sink.send(aMessage(), stop.signal);
      stop.abort();

      await expect(sending).rejects.toThrow();
    });
  });
}
