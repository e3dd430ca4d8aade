import { createHash } from 'node:crypto';
import { AppError, codeOfStatus, messageOf, type ErrorCode } from '../core/errors.ts';
import type { Documents, StoredDocument } from '../core/documents.ts';
import type { Http, HttpAnswer, HttpPost } from '../lib/http.ts';
import { documentName } from './document-name.ts';
import { createTurns, type Turns } from './turns.ts';

export interface ArtifactoryOptions {
  /** Of the folder. */
  readonly url: string;
  readonly user: string;
  readonly password: string;
  /** One that takes answers of `longestDocument`. */
  readonly http: Pick<Http, 'ask'>;
}

/** A longer one is neither read nor written. Bytes of UTF-8. */
export const longestDocument = 16 * 1024 * 1024;

/**
 * Keeps documents as files of a folder in Artifactory, or of any server that takes a PUT; written means, that it said
 * so. Artifactory looks at no condition of a PUT: what others have written is looked for before and after. Of two
 * processes that write at the very same moment one may only be told at its next write that it was replaced. A server
 * that looks at If-Match tells it at once.
 */
export function createArtifactory({ url, user, password, http }: ArtifactoryOptions): Documents {
  const { origin, host, pathname } = new URL(url);
  const folder = pathname.replace(/\/+$/, '');
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  const turns = new Map<string, Turns>();

  const ask = async (call: Call, signal: AbortSignal): Promise<HttpAnswer> => {
    const { method, name, body = '', headers = {} } = call;
    const path = `${folder}/${documentName(name)}`;
    const request = { method, url: `${origin}${path}`, body, headers: () => ({ ...headers, authorization }) };
    const said = `artifactory: ${method} ${host}${path}`;
    const answer = await http.ask(request, signal).catch((cause: unknown) => {
      throw noAnswer(said, cause);
    });
    if (call.expects.includes(answer.status)) return answer;
    throw refused(said, answer);
  };
  const read = async (name: string, signal: AbortSignal): Promise<StoredDocument | undefined> => {
    const answer = await ask({ method: 'GET', name, expects: [200, 404] }, signal);
    if (answer.status === 404) return undefined;
    return { text: answer.body, revision: tagOf(answer) ?? hashOf(answer.body) };
  };
  const write: Documents['write'] = async (name, text, revision, signal) => {
    if (Buffer.byteLength(text) > longestDocument) throw tooLong(name);
    const before = await read(name, signal);
    if (before?.revision !== revision) throw notAt(name, revision);
    const put = { method: 'PUT', name, body: text, headers: unlessChanged(before), expects: taken } as const;
    const answer = await ask(put, signal);
    if (answer.status === 412) throw notAt(name, revision);
    const tag = tagOf(answer);
    if (tag !== undefined) return tag;
    const after = await read(name, signal);
    if (after?.text !== text) throw notAt(name, revision);
    return after.revision;
  };
  return {
    read,
    write(name, text, revision, signal) {
      const inTurn = turns.get(name) ?? createTurns(1);
      turns.set(name, inTurn);
      return inTurn(() => write(name, text, revision, signal));
    },
    close: () => Promise.resolve(),
  };
}

interface Call {
  readonly method: NonNullable<HttpPost['method']>;
  readonly name: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Statuses that are an answer; every other one is a refusal. */
  readonly expects: readonly number[];
}

/** Artifactory's is 201. A condition that does not hold is an answer, too. */
const taken = [200, 201, 202, 203, 204, 205, 206, 412];

/** The entity tag, when it is one of these very bytes; Artifactory's is their SHA-1 without quotes. */
function tagOf({ etag }: HttpAnswer): string | undefined {
  return etag?.startsWith('W/') ? undefined : etag;
}

const hashMark = 'sha256:';

/** What stands for the tag where a server gives none, or a weak one. */
function hashOf(text: string): string {
  return `${hashMark}${createHash('sha256').update(text).digest('hex')}`;
}

/** https://www.rfc-editor.org/rfc/rfc9110.html#name-preconditions */
function unlessChanged(before: StoredDocument | undefined): Readonly<Record<string, string>> {
  if (!before) return { 'if-none-match': '*' };
  return before.revision.startsWith(hashMark) ? {} : { 'if-match': before.revision };
}

function notAt(name: string, revision = 'none'): AppError {
  return new AppError('conflict', `artifactory: document ${name} is not at revision ${revision}`);
}

function tooLong(name: string): AppError {
  const message = `artifactory: document ${name} is too large: it has more than ${longestDocument} bytes`;
  return new AppError('too-large', message);
}

function noAnswer(said: string, cause: unknown): unknown {
  if (!(cause instanceof AppError)) return cause;
  return new AppError(cause.code, `${said}: ${messageOf(cause)}: check UK_ARTIFACTORY_URL`, { cause });
}

const localRepository =
  'check UK_ARTIFACTORY_URL: it should be a folder in a local repository of type Generic';
const whatHelps: Readonly<Record<number, string>> = {
  401: 'check UK_ARTIFACTORY_LOGIN',
  403: 'the user of UK_ARTIFACTORY_LOGIN needs Read, Deploy/Cache and Delete/Overwrite there',
  404: localRepository,
  405: localRepository,
  409: localRepository,
};
const elsewhere =
  'check that UK_ARTIFACTORY_URL is where the server is, and that the repository does not redirect downloads';

function refused(said: string, { status, retryAfterMs }: HttpAnswer): AppError {
  const help = status >= 300 && status <= 399 ? elsewhere : whatHelps[status];
  // A 409 is what Artifactory says of a file that the repository will never take: not that somebody else has written.
  const code: ErrorCode = status === 409 ? 'invalid' : codeOfStatus(status);
  return new AppError(code, `${said} answered ${status}${help === undefined ? '' : `: ${help}`}`, {
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}
