import { createHash } from 'node:crypto';
import { AppError, codeOfStatus, messageOf, type ErrorCode } from '../core/errors.ts';
import type { Documents, StoredDocument } from '../core/documents.ts';
import type { Http, HttpAnswer, HttpPost } from '../lib/http.ts';
import { documentName } from './document-name.ts';
import { createTurns, type Turns } from '../core/turns.ts';

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
 * so. Artifactory looks at no condition of a PUT: what others have written is looked for before and after, and the writer
 * is asked in between whether it still may. Of two processes that write at the very same moment one may only be told at
 * its next write that it was replaced. A server that looks at If-Match tells it at once, unless something on the way has
 * tags of its own.
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
  const look = async (name: string, signal: AbortSignal): Promise<Found | undefined> => {
    const answer = await ask({ method: 'GET', name, expects: [200, 404] }, signal);
    if (answer.status === 404) return undefined;
    return { text: answer.body, revision: revisionOf(answer.body), tag: strongTagOf(answer) };
  };
  /** The revision, once it is known that the text was not replaced right away. */
  const confirmed = async (
    { name, text, revision }: Wanted,
    answer: HttpAnswer,
    signal: AbortSignal,
  ): Promise<string> => {
    // Who gives a tag says that it has these very bytes.
    if (strongTagOf(answer) !== undefined) return revisionOf(text);
    const after = await look(name, signal);
    if (after?.text !== text) throw notAt(name, revision);
    return after.revision;
  };
  /** @param isAgain whether its condition did not hold before. */
  const write = async (wanted: Wanted, isAgain: boolean, signal: AbortSignal): Promise<string> => {
    const { name, text, revision } = wanted;
    const before = await look(name, signal);
    // Written, though its answer was lost; or somebody else has written the same.
    if (before?.text === text) return before.revision;
    if (before?.revision !== revision) throw notAt(name, revision);
    const headers = isAgain ? {} : unlessChanged(before);
    wanted.mayStill?.();
    const answer = await ask({ method: 'PUT', name, body: text, headers, expects: taken }, signal);
    if (answer.status === 412) {
      if (isAgain) throw notAt(name, revision);
      // Where nothing has changed, what we hold is no tag of the server: a proxy's, or another one at every look.
      return write(wanted, true, signal);
    }
    return confirmed(wanted, answer, signal);
  };
  return {
    async read(name, signal) {
      const found = await look(name, signal);
      return found && { text: found.text, revision: found.revision };
    },
    write(name, text, revision, ...[signal, mayStill]) {
      if (Buffer.byteLength(text) > longestDocument) return Promise.reject(tooLong(name));
      const inTurn = turns.get(name) ?? createTurns(1);
      turns.set(name, inTurn);
      return inTurn(() => write({ name, text, revision, mayStill }, false, signal));
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

/** What is there, and what a PUT may name it by. */
interface Found extends StoredDocument {
  readonly tag: string | undefined;
}

interface Wanted {
  readonly name: string;
  readonly text: string;
  /** Of what it replaces. */
  readonly revision: string | undefined;
  readonly mayStill: (() => void) | undefined;
}

/** Artifactory's is 201. A condition that does not hold is an answer, too. */
const taken = [200, 201, 202, 203, 204, 205, 206, 412];

/** Of the same bytes a server may give one tag for a PUT and another for a GET, or a new one each time: none is a revision. */
function revisionOf(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

/** The entity tag, when it is one of these very bytes; Artifactory's is their SHA-1 without quotes. */
function strongTagOf({ etag }: HttpAnswer): string | undefined {
  return etag?.startsWith('W/') ? undefined : etag;
}

/** https://www.rfc-editor.org/rfc/rfc9110.html#name-preconditions */
function unlessChanged(before: Found | undefined): Readonly<Record<string, string>> {
  if (!before) return { 'if-none-match': '*' };
  return before.tag === undefined ? {} : { 'if-match': before.tag };
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
