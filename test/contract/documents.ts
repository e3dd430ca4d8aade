import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { AppError } from '../../src/core/errors.ts';
import type { Documents } from '../../src/core/documents.ts';

/** Documents that a contract is tried on. */
export interface DocumentsKit {
  readonly documents: Documents;
  /** The same place once more, as another process has it; absent where nothing outlives this one. */
  again?(): Promise<Documents>;
  /** Whether it takes a server that looks at conditions to keep writers of two processes apart, and there is none. */
  readonly apartInOneProcessOnly?: boolean;
  close(): Promise<void>;
}

const [name, other] = ['deployment-events-v2-platform-till.json', 'deployment-events-v2-platform-shop.json'];
const signal = new AbortController().signal;

/** So much JSON as thousands of workloads make. */
function bigText(): string {
  const workload = (n: number): unknown => ({
    kind: 'Deployment',
    name: `workload-${n}`,
    images: [`registry.example/team-${n % 40}/workload-${n}:1.${n % 9}.${n % 13}`],
    hash: (n * 2_654_435_761).toString(16).padStart(16, '0'),
  });
  const events = Array.from({ length: 25_000 }, (_, n) => workload(n));
  return JSON.stringify({ events });
}

/**
 * What everything that keeps documents promises.
 *
 * @param open opens what is empty.
 */
export function documentsContract(what: string, open: () => Promise<DocumentsKit>): void {
  describe(`documents contract: ${what}`, () => {
    let kit: DocumentsKit;
    const opened: Documents[] = [];

    beforeEach(async () => {
      kit = await open();
    });

    afterEach(async () => {
      for (const one of opened.splice(0)) await one.close();
      await kit.documents.close();
      await kit.close();
    });

    const read = (one = name) => kit.documents.read(one, signal);
    const write = (text: string, revision?: string, one = name) =>
      kit.documents.write(one, text, revision, signal);
    /** The same place as another process has it. */
    const again = async (): Promise<Documents> => {
      const found = kit.again ? await kit.again() : kit.documents;
      if (found !== kit.documents) opened.push(found);
      return found;
    };
    const conflict = { code: 'conflict', message: expect.stringContaining(name) as unknown };

    test('what nobody has written is not there', async () => {
      expect(await read()).toBeUndefined();
    });

    test('what was written is read, with the revision that writing gave', async () => {
      const revision = await write('{"events":{}}');

      expect(await read()).toEqual({ text: '{"events":{}}', revision });
    });

    test('another text has another revision', async () => {
      const first = await write('{"n":1}');
      const second = await write('{"n":2}', first);
      const third = await write('{"n":3}', second);

      expect(new Set([first, second, third]).size).toBe(3);
      expect(await read()).toEqual({ text: '{"n":3}', revision: third });
    });

    test('the same text may be written again, and again over that', async () => {
      const first = await write('{"n":1}');
      const second = await write('{"n":1}', first);
      const third = await write('{"n":2}', second);

      expect(await read()).toEqual({ text: '{"n":2}', revision: third });
    });

    test('what somebody else has written since is not replaced', async () => {
      const first = await write('{"n":1}');
      const second = await write('{"n":2}', first);

      await expect(write('{"n":3}', first)).rejects.toMatchObject(conflict);
      expect(await read()).toEqual({ text: '{"n":2}', revision: second });
    });

    test.each(['999999', '"999999"', 'nonsense', ''])(
      'nor what is there, over revision "%s"',
      async (revision) => {
        const first = await write('{"n":1}');

        await expect(write('{"n":2}', revision)).rejects.toMatchObject(conflict);
        expect(await read()).toEqual({ text: '{"n":1}', revision: first });
      },
    );

    test('what is there is not created', async () => {
      const first = await write('{"n":1}');

      await expect(write('{"n":2}')).rejects.toMatchObject(conflict);
      expect(await read()).toEqual({ text: '{"n":1}', revision: first });
    });

    test.each(['1', '"none"', 'nonsense', ''])(
      'what is not there is not replaced: revision "%s"',
      async (revision) => {
        await expect(write('{"n":1}', revision)).rejects.toMatchObject(conflict);
        expect(await read()).toBeUndefined();
      },
    );

    test('names have nothing to do with each other', async () => {
      const first = await write('{"n":1}');
      const second = await write('{"n":2}', undefined, other);

      expect(await read()).toEqual({ text: '{"n":1}', revision: first });
      expect(await read(other)).toEqual({ text: '{"n":2}', revision: second });
    });

    test.each([
      ['nothing', ''],
      ['letters of the world', '{"ø":"日本語 🚀 \u2028","lines":"a\\nb"}\r\n\ttab\n'],
      ['what means something elsewhere', '<a href="x">&amp;</a> %00 ${HOME} \\u0000 \' --'],
    ])('the text stays as it is: %s', async (_what, text) => {
      const revision = await write(text);

      expect(await read()).toEqual({ text, revision });
    });

    test('so does a text of three megabytes', async () => {
      const text = bigText();
      expect(text.length).toBeGreaterThan(3_000_000);
      const first = await write(text);

      const isSame = (await read())?.text === text;
      const second = await write('{}', first);

      expect(isSame).toBe(true);
      expect(await read()).toEqual({ text: '{}', revision: second });
    });

    test('another process has it too, and goes on where this one was', async () => {
      const first = await write('{"n":1}');
      const later = await again();

      expect(await later.read(name, signal)).toEqual({ text: '{"n":1}', revision: first });
      const second = await later.write(name, '{"n":2}', first, signal);
      await expect(write('{"n":3}', first)).rejects.toMatchObject(conflict);
      expect(await read()).toEqual({ text: '{"n":2}', revision: second });
    });

    test.each([
      ['what is new', undefined],
      ['what replaces another', '{"n":1}'],
    ])(
      '%s is not written by who may write no more, unless the revision alone keeps him off',
      async (_what, there) => {
        const before = there === undefined ? undefined : await write(there);
        const gone = new AppError('not-leader', 'another one goes on with it');
        const writing = kit.documents.write(name, '{"n":2}', before, signal, () => {
          throw gone;
        });

        const isAsked = (await writing.catch((error: unknown) => error)) === gone;

        // Where the revision keeps writers of two processes apart, as below, nothing of others is lost.
        expect(isAsked || !kit.apartInOneProcessOnly).toBe(true);
        expect((await read())?.text).toBe(isAsked ? there : '{"n":2}');
      },
    );

    describe.each([
      ['creating', false],
      ['replacing', true],
    ])('of several %s at the same time', (_what, replacing) => {
      test('exactly one does', async () => {
        const before = replacing ? await write('{"by":"nobody"}') : undefined;
        const rival = kit.apartInOneProcessOnly ? kit.documents : await again();
        const rivals = [kit.documents, rival, kit.documents, rival];

        const ends = await Promise.allSettled(
          rivals.map((one, n) => one.write(name, `{"by":${n}}`, before, signal)),
        );

        const winners = ends.flatMap((end, n) =>
          end.status === 'fulfilled' ? [{ n, revision: end.value }] : [],
        );
        const refusals = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : []));
        expect(winners).toHaveLength(1);
        expect(refusals).toEqual(
          [conflict, conflict, conflict].map((one) => expect.objectContaining(one) as unknown),
        );
        expect(await read()).toEqual({ text: `{"by":${winners[0]?.n}}`, revision: winners[0]?.revision });
      });
    });
  });
}
