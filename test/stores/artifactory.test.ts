import { describe, expect, test } from '@jest/globals';
import { AppError } from '../../src/core/errors.ts';
import type { Documents } from '../../src/core/documents.ts';
import { createHttp, type Http, type HttpAnswer, type HttpPost } from '../../src/lib/http.ts';
import { createArtifactory, longestDocument } from '../../src/stores/artifactory.ts';
import { documentsContract } from '../contract/documents.ts';
import {
  startArtifactoryServer,
  type ArtifactoryKind,
  type ArtifactoryServer,
} from '../support/artifactory-server.ts';
import { hangUp, json, silence, status, type Answer } from '../support/capture-server.ts';
import { closedAfterEach } from '../support/closed-after-each.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const signal = new AbortController().signal;
const name = 'deployment-events-v2-platform-till.json';

function http(timeoutMs = 10_000): Http {
  const maxAnswerBytes = longestDocument;
  const clock = createFakeClock();
  return createHttp({ clock, timeoutMs, retries: 0, minDelayMs: 0, userAgent: 'updatekate', maxAnswerBytes });
}

/** What a proxy makes of an answer. */
type OnTheWay = (answer: HttpAnswer, asked: HttpPost) => HttpAnswer;

function documentsOf(
  { folder: url, user, password }: ArtifactoryServer,
  onTheWay: OnTheWay = (answer) => answer,
): Documents {
  const { ask } = http();
  const proxied: Pick<Http, 'ask'> = {
    ask: async (asked, abort) => onTheWay(await ask(asked, abort), asked),
  };
  return createArtifactory({ url, user, password, http: proxied });
}

/** Has the tags of answers to these methods written anew. */
function tagging(methods: readonly string[], tagOf: (etag: string) => string): OnTheWay {
  return ({ etag, ...answer }, { method = '' }) =>
    etag !== undefined && methods.includes(method) ? { ...answer, etag: tagOf(etag) } : { ...answer, etag };
}

const suffixed = tagging(['GET'], (etag) => etag.replace(/"?$/, '-proxy$&'));
const weakened = tagging(['GET'], (etag) => `W/${etag}`);

/** Another tag every time. */
function restless(): OnTheWay {
  let answers = 0;
  return tagging(['GET', 'PUT'], () => `"${++answers}"`);
}

const kinds: readonly (readonly [string, ArtifactoryKind, OnTheWay?])[] = [
  ['Artifactory', {}],
  ['a server that looks at conditions', { conditions: true, tag: 'quoted' }],
  ['one that gives the tag at once', { conditions: true, tag: 'quoted', tagsPut: true }],
  ['one whose tags are weak', { conditions: true, tag: 'weak', tagsPut: true }],
  ['one that has no tags', { tag: 'none' }],
  ['one behind a proxy with tags of its own', { conditions: true, tag: 'quoted', tagsPut: true }, suffixed],
  ['one whose tags are weak at a look only', { conditions: true, tag: 'quoted', tagsPut: true }, weakened],
  ['one that has another tag at every look', { tag: 'quoted', tagsPut: true }, restless()],
  ['one that looks at such tags', { conditions: true, tag: 'quoted', tagsPut: true }, restless()],
];

describe.each(kinds)('%s', (what, kind, onTheWay) => {
  documentsContract(what, async () => {
    const server = await startArtifactoryServer(kind);
    return {
      documents: documentsOf(server, onTheWay),
      again: () => Promise.resolve(documentsOf(server, onTheWay)),
      apartInOneProcessOnly: kind.tag !== 'quoted' || onTheWay !== undefined,
      close: server.close,
    };
  });
});

const start = closedAfterEach(startArtifactoryServer);
let server: ArtifactoryServer;

async function open(kind: ArtifactoryKind = {}): Promise<Documents> {
  server = await start(kind);
  return documentsOf(server);
}

/** What somebody sees who looks at the file. */
const there = (): string | undefined => [...server.files.values()][0];
const conflict = { code: 'conflict' };

describe('what is sent', () => {
  test('to Artifactory: a look, the text, a look', async () => {
    const documents = await open();
    const revision = await documents.write(name, '{"ü":1}', undefined, signal);
    await documents.write(name, '{"n":2}', revision, signal);

    const url = `/artifactory/generic-local/updatekate/${name}`;
    expect(server.requests.map((request) => [request.method, request.url, request.body])).toEqual([
      ...[
        ['GET', url, ''],
        ['PUT', url, '{"ü":1}'],
        ['GET', url, ''],
      ],
      ...[
        ['GET', url, ''],
        ['PUT', url, '{"n":2}'],
        ['GET', url, ''],
      ],
    ]);
    const [, first, , , second] = server.requests;
    // SHA-1 of {"ü":1}
    const tag = '0e84f29a2bcf9efc6eaa5b755a42564ab70b5582';
    expect(first?.headers).toMatchObject({ 'content-type': 'application/json', 'if-none-match': '*' });
    expect(second?.headers).toMatchObject({ 'content-type': 'application/json', 'if-match': tag });
    expect(revision).toBe('sha256:963b1a04dfa30efb70b1b50a4b7a4cb3d7908564106760f28ee3f05a7c082a88');
  });

  test('to one that gives the tag at once: no second look', async () => {
    const documents = await open({ conditions: true, tag: 'quoted', tagsPut: true });
    await documents.write(name, '{}', undefined, signal);

    expect(server.requests.map(({ method }) => method)).toEqual(['GET', 'PUT']);
  });

  test.each(['weak', 'none'] as const)('no condition that can never hold: the tag is %s', async (tag) => {
    const documents = await open({ conditions: true, tag });
    const revision = await documents.write(name, '{}', undefined, signal);
    await documents.write(name, '{"n":2}', revision, signal);

    expect(server.requests.map(({ headers }) => headers['if-match'])).toEqual(Array(6).fill(undefined));
    expect(there()).toBe('{"n":2}');
  });

  test.each(['', '/', '//'])('to a folder whose address ends in "%s"', async (end) => {
    await open();
    const { folder, user, password } = server;
    const documents = createArtifactory({ url: `${folder}${end}`, user, password, http: http() });
    await documents.read(name, signal);

    expect(server.requests[0]?.url).toBe(`/artifactory/generic-local/updatekate/${name}`);
  });

  test.each(['', '.', '..', '../other/a.json', 'a/b', 'A.json', 'a.json?x', 'a;b=c'])(
    'nothing of the name "%s"',
    async (odd) => {
      const documents = await open();

      await expect(documents.read(odd, signal)).rejects.toMatchObject({ code: 'invalid' });
      await expect(documents.write(odd, '{}', undefined, signal)).rejects.toMatchObject({ code: 'invalid' });
      expect(server.requests).toEqual([]);
    },
  );

  test('nothing of a text that could not be read again', async () => {
    const documents = await open();
    const write = (length: number) => documents.write(name, 'x'.repeat(length), undefined, signal);

    await expect(write(longestDocument + 1)).rejects.toMatchObject({ code: 'too-large' });
    expect(server.requests).toEqual([]);
    await write(longestDocument);
    expect((await documents.read(name, signal))?.text).toHaveLength(longestDocument);
  });
});

test('two writers of one process take turns: the second looks when the first has written', async () => {
  const documents = await open();

  const ends = await Promise.allSettled(
    [1, 2].map((n) => documents.write(name, `{"n":${n}}`, undefined, signal)),
  );

  expect(ends.map((end) => end.status)).toEqual(['fulfilled', 'rejected']);
  expect(server.requests.map(({ method }) => method)).toEqual(['GET', 'PUT', 'GET', 'GET']);
});

describe('somebody else who writes while we do', () => {
  test.each([[false], [true]])(
    'between our look and our text, of a server that looks at conditions: ours is refused (over another: %p)',
    async (over) => {
      const documents = await open({ conditions: true, tag: 'quoted' });
      const revision = over ? await documents.write(name, '{"by":"us"}', undefined, signal) : undefined;
      server.meanwhile('before', '{"by":"another"}');

      await expect(documents.write(name, '{"n":2}', revision, signal)).rejects.toMatchObject(conflict);
      expect(there()).toBe('{"by":"another"}');
    },
  );

  test('right after our text: we are told that it is not there any more', async () => {
    const documents = await open();
    server.meanwhile('after', '{"by":"another"}');

    await expect(documents.write(name, '{"by":"us"}', undefined, signal)).rejects.toMatchObject(conflict);
    expect(there()).toBe('{"by":"another"}');
  });

  test('between our look and our text, of Artifactory: whoever was replaced is told at the next write', async () => {
    const documents = await open();
    const another = documentsOf(server);
    const first = await documents.write(name, '{"n":1}', undefined, signal);
    server.meanwhile('before', '{"n":2}');
    await documents.write(name, '{"n":3}', first, signal);

    // SHA-256 of {"n":2}
    const ofAnother = 'sha256:363379742f80b51bdb9206579af7754911543079b9399cb3fc315fb199f476e8';
    await expect(another.write(name, '{"n":4}', ofAnother, signal)).rejects.toMatchObject(conflict);
    expect(there()).toBe('{"n":3}');
  });

  test('the same text as ours: nothing is lost, and we go on', async () => {
    const documents = await open();
    server.meanwhile('after', '{"n":1}');
    const revision = await documents.write(name, '{"n":1}', undefined, signal);

    await documents.write(name, '{"n":2}', revision, signal);

    expect(there()).toBe('{"n":2}');
  });
});

describe('a text that is there already', () => {
  const requests = (): readonly string[] => server.requests.map(({ method }) => method);

  test.each([
    ['created', undefined],
    ['replaced', '{"n":1}'],
  ])('since it was written and its answer was lost counts as written: %s', async (_what, before) => {
    await open();
    let isLost = false;
    const documents = documentsOf(server, (answer, { method }) =>
      isLost && method === 'PUT' ? { ...answer, status: 503 } : answer,
    );
    const first = before === undefined ? undefined : await documents.write(name, before, undefined, signal);
    isLost = true;
    const lost = documents.write(name, '{"n":2}', first, signal);
    await expect(lost).rejects.toMatchObject({ code: 'unavailable' });
    isLost = false;
    const soFar = requests().length;

    const second = await documents.write(name, '{"n":2}', first, signal);

    expect(requests().slice(soFar)).toEqual(['GET']);
    expect(await documents.read(name, signal)).toEqual({ text: '{"n":2}', revision: second });
    await documents.write(name, '{"n":3}', second, signal);
    expect(there()).toBe('{"n":3}');
  });

  test('another one that is written after the answer was lost does not', async () => {
    await open();
    const documents = documentsOf(server, (answer, { method }) =>
      method === 'PUT' ? { ...answer, status: 503 } : answer,
    );
    const lost = documents.write(name, '{"n":1}', undefined, signal);
    await expect(lost).rejects.toMatchObject({ code: 'unavailable' });

    await expect(documents.write(name, '{"n":2}', undefined, signal)).rejects.toMatchObject(conflict);
    expect(there()).toBe('{"n":1}');
  });
});

describe('a condition that cannot hold', () => {
  test('is left out at the second try, if nothing has changed', async () => {
    await open({ conditions: true, tag: 'quoted' });
    const documents = documentsOf(server, suffixed);
    const revision = await documents.write(name, '{"n":1}', undefined, signal);
    const soFar = server.requests.length;
    await documents.write(name, '{"n":2}', revision, signal);

    const puts = server.requests.slice(soFar).filter(({ method }) => method === 'PUT');
    expect(puts.map(({ headers }) => headers['if-match'])).toEqual([
      expect.stringMatching(/-proxy"$/),
      undefined,
    ]);
    expect(there()).toBe('{"n":2}');
  });

  test('is refused once more where not even that helps', async () => {
    const documents = await open();
    [status(404), status(412), status(404), status(412)].forEach(server.plan);

    await expect(documents.write(name, '{}', undefined, signal)).rejects.toMatchObject(conflict);
    expect(server.requests).toHaveLength(4);
  });
});

describe('a writer that is asked whether it still may', () => {
  const gone = new AppError('not-leader', 'another one goes on with it');
  const methods = (): readonly string[] => server.requests.map(({ method }) => method);

  test('is asked after the look and before the text, which is not sent when it may not', async () => {
    const documents = await open();
    const asked: string[][] = [];
    const writing = documents.write(name, '{"by":"us"}', undefined, signal, () => {
      asked.push([...methods()]);
      throw gone;
    });

    await expect(writing).rejects.toBe(gone);
    expect(asked).toEqual([['GET']]);
    expect(methods()).toEqual(['GET']);
  });

  test('is asked again before the second try, where a condition did not hold', async () => {
    await open({ conditions: true, tag: 'quoted' });
    const documents = documentsOf(server, suffixed);
    const revision = await documents.write(name, '{"n":1}', undefined, signal);
    const soFar = server.requests.length;
    let left = 1;
    const writing = documents.write(name, '{"n":2}', revision, signal, () => {
      if (left-- === 0) throw gone;
    });

    await expect(writing).rejects.toBe(gone);
    expect(methods().slice(soFar)).toEqual(['GET', 'PUT', 'GET']);
    expect(there()).toBe('{"n":1}');
  });

  test('is not asked when there is nothing to send', async () => {
    const documents = await open();
    const revision = await documents.write(name, '{"n":1}', undefined, signal);
    const asked = (): never => {
      throw gone;
    };

    await expect(documents.write(name, '{"n":1}', revision, signal, asked)).resolves.toBe(revision);
    await expect(documents.write(name, '{"n":2}', undefined, signal, asked)).rejects.toMatchObject(conflict);
  });
});

describe('a refusal', () => {
  const canaries = ['canary', Buffer.from('deploy-canary:pass:word-canary').toString('base64')];
  /** What is said of `answer`, to a look or, after a look, to the text. */
  const refusal = async (method: 'GET' | 'PUT', answer: Answer): Promise<AppError> => {
    const documents = await open();
    if (method === 'PUT') server.plan(status(404));
    server.plan(answer);
    const work =
      method === 'GET' ? documents.read(name, signal) : documents.write(name, '{}', undefined, signal);
    const error: unknown = await work.catch((thrown: unknown) => thrown);
    if (!(error instanceof AppError)) throw new Error(`no refusal: ${String(error)}`);
    return error;
  };
  const login = 'check UK_ARTIFACTORY_LOGIN';
  const rights = 'the user of UK_ARTIFACTORY_LOGIN needs Read, Deploy/Cache and Delete/Overwrite there';
  const place = 'check UK_ARTIFACTORY_URL: it should be a folder in a local repository of type Generic';
  const elsewhere =
    'check that UK_ARTIFACTORY_URL is where the server is, and that the repository does not redirect downloads';

  test.each<readonly ['GET' | 'PUT', number, string, string]>([
    ['GET', 401, 'unauthorized', `: ${login}`],
    ['PUT', 401, 'unauthorized', `: ${login}`],
    ['GET', 403, 'forbidden', `: ${rights}`],
    ['PUT', 403, 'forbidden', `: ${rights}`],
    ['PUT', 404, 'not-found', `: ${place}`],
    ['PUT', 405, 'method-not-allowed', `: ${place}`],
    ['PUT', 409, 'invalid', `: ${place}`],
    ['PUT', 413, 'too-large', ''],
    ['GET', 302, 'bad-request', `: ${elsewhere}`],
    ['PUT', 307, 'bad-request', `: ${elsewhere}`],
    ['GET', 204, 'bad-request', ''],
    ['GET', 429, 'rate-limited', ''],
    ['GET', 500, 'unavailable', ''],
    ['PUT', 503, 'unavailable', ''],
  ])('of %s by %i is %s', async (method, code, expected, help) => {
    const { user, password } = { user: canaries[0], password: canaries[1] };
    const headers = { location: 'http://127.0.0.1:1/elsewhere', 'retry-after': '7' };
    const error = await refusal(
      method,
      json(code, { errors: [{ status: code, message: `${user} ${password}` }] }, headers),
    );

    const where = `${new URL(server.url).host}/artifactory/generic-local/updatekate/${name}`;
    expect(error).toMatchObject({
      ...{ code: expected, retryAfterMs: 7000 },
      message: `artifactory: ${method} ${where} answered ${code}${help}`,
    });
    expect(JSON.stringify(error)).not.toContain('canary');
  });

  test.each([
    ['is cut', hangUp, 'unavailable', 'no answer from [^ ]+ \\([A-Z]+\\)'],
    [
      'is too long',
      status(200, {}, 'x'.repeat(longestDocument + 1)),
      'unavailable',
      'no answer from [^ ]+ \\([A-Z_]+\\)',
    ],
  ])('an answer that %s is none', async (_what, answer, code, what) => {
    const error = await refusal('GET', answer);

    const where = `${new URL(server.url).host}/artifactory/generic-local/updatekate/${name}`;
    expect(error.code).toBe(code);
    expect(error.message).toMatch(
      new RegExp(`^artifactory: GET ${where}: ${what}: check UK_ARTIFACTORY_URL$`),
    );
  });

  test('silence is a timeout', async () => {
    await open();
    const { folder: url, user, password } = server;
    server.plan(silence);
    const documents = createArtifactory({ url, user, password, http: http(50) });

    await expect(documents.read(name, signal)).rejects.toMatchObject({ code: 'timeout' });
  });

  test('whoever stops waiting has no answer', async () => {
    const documents = await open();
    const stop = new AbortController();
    server.plan(() => stop.abort(new Error('shutting down')));

    await expect(documents.read(name, stop.signal)).rejects.toBeInstanceOf(AppError);
  });

  test('of a login that is wrong says nothing of it, however it is thrown on', async () => {
    await open();
    const url = server.folder.replace('http://', 'http://url-canary:secret-canary@');
    const documents = createArtifactory({
      url,
      user: 'deploy-canary',
      password: 'wrong-canary',
      http: http(),
    });

    const error: unknown = await documents.read(name, signal).catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ code: 'unauthorized' });
    expect(server.requests[0]?.headers.authorization).toBe(`Basic ${btoa('deploy-canary:wrong-canary')}`);
    for (let one = error; one instanceof Error; one = one.cause)
      expect(JSON.stringify(one) + String(one) + String(one.stack)).not.toContain('-canary@');
    for (let one = error; one instanceof Error; one = one.cause)
      for (const canary of canaries) expect(one.message).not.toContain(canary);
  });

  test('in the middle of a write does not keep others from writing', async () => {
    const documents = await open();
    server.plan(status(503));

    const ends = await Promise.allSettled(
      ['{"n":1}', '{"n":2}'].map((text) => documents.write(name, text, undefined, signal)),
    );

    expect(ends.map((end) => end.status)).toEqual(['rejected', 'fulfilled']);
    expect(there()).toBe('{"n":2}');
  });
});
