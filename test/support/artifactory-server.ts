import { createHash } from 'node:crypto';
import {
  json,
  startCaptureServer,
  status,
  type Answer,
  type CapturedRequest,
  type CaptureServer,
} from './capture-server.ts';

/** How the server differs from Artifactory. */
export interface ArtifactoryKind {
  /** Looks at If-Match and If-None-Match of a PUT. Artifactory does not: its open source has no If-Match in it. */
  readonly conditions?: boolean;
  /** Gives an entity tag with the answer to a PUT, too. */
  readonly tagsPut?: boolean;
  /** Artifactory's is bare: the SHA-1 of the content without quotes. */
  readonly tag?: 'bare' | 'quoted' | 'weak' | 'none';
}

export interface ArtifactoryServer extends CaptureServer {
  /** Of a folder in a repository. */
  readonly folder: string;
  readonly user: string;
  readonly password: string;
  /** By path below the server. */
  readonly files: ReadonlyMap<string, string>;
  /** The next request that nothing is planned for gets this answer. */
  plan(answer: Answer): void;
  /** Somebody else writes `text` at this point of our next PUT. */
  meanwhile(point: 'before' | 'after', text: string): void;
}

const [user, password] = ['deploy-canary', 'pass:word-canary'];
const expected = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
const repository = '/artifactory/generic-local/';

function errors(code: number, message: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return json(code, { errors: [{ status: code, message }] }, headers);
}

const challenge = { 'www-authenticate': 'Basic realm="Artifactory Realm"' };

/**
 * A file server over HTTP as Artifactory is one:
 * https://jfrog.com/help/r/jfrog-rest-apis/deploy-artifact
 * https://jfrog.com/help/r/jfrog-rest-apis/retrieve-artifact
 */
export async function startArtifactoryServer(kind: ArtifactoryKind = {}): Promise<ArtifactoryServer> {
  const files = new Map<string, string>();
  const others: { point: 'before' | 'after'; text: string }[] = [];
  const interfere = (point: 'before' | 'after', path: string): void => {
    if (others[0]?.point === point) files.set(path, others.shift()?.text ?? '');
  };
  const get = (path: string): Answer => {
    const text = files.get(path);
    if (text === undefined) return errors(404, 'File not found.');
    const headers = { 'content-type': 'application/json', 'x-checksum-sha1': sha1(text) };
    return status(200, { ...headers, ...tag(kind, text) }, text);
  };
  const put = (path: string, { body, headers }: CapturedRequest): Answer => {
    if (!path.startsWith(repository)) return errors(404, 'Could not find a local repository to deploy to.');
    interfere('before', path);
    const before = files.get(path);
    const tagNow = before === undefined ? {} : tag(kind, before);
    if (kind.conditions && !holds(kind, headers, before)) return errors(412, 'Precondition Failed', tagNow);
    files.set(path, body);
    interfere('after', path);
    const location = `http://${headers.host ?? ''}${path}`;
    return json(
      201,
      { uri: location, path, size: String(Buffer.byteLength(body)), checksums: { sha1: sha1(body) } },
      {
        'content-type': 'application/vnd.org.jfrog.artifactory.storage.ItemCreated+json;charset=UTF-8',
        ...{ location, ...(kind.tagsPut ? tag(kind, body) : {}) },
      },
    );
  };
  const planned: Answer[] = [];
  const server = await startCaptureServer((response, request) => {
    const { method, url, headers } = request;
    const answer = (): Answer => {
      if (headers.authorization === undefined) return errors(401, 'Authentication is required', challenge);
      if (headers.authorization !== expected) return errors(401, 'Bad Credentials', challenge);
      if (method === 'GET') return get(url);
      return method === 'PUT' ? put(url, request) : errors(405, 'Method Not Allowed');
    };
    (planned.shift() ?? answer())(response, request);
  });
  return {
    ...server,
    ...{ folder: `${server.url}${repository}updatekate`, user, password, files },
    plan: (answer) => void planned.push(answer),
    meanwhile: (point, text) => void others.push({ point, text }),
  };
}

function sha1(text: string): string {
  return createHash('sha1').update(text).digest('hex');
}

function tag({ tag: form = 'bare' }: ArtifactoryKind, text: string): Readonly<Record<string, string>> {
  const tags = { bare: sha1(text), quoted: `"${sha1(text)}"`, weak: `W/"${sha1(text)}"`, none: undefined };
  const etag = tags[form];
  return etag === undefined ? {} : { etag };
}

/** https://www.rfc-editor.org/rfc/rfc9110.html#name-precedence-of-preconditions */
function holds(
  kind: ArtifactoryKind,
  headers: CapturedRequest['headers'],
  before: string | undefined,
): boolean {
  const wanted = headers['if-match'];
  if (wanted !== undefined) {
    const { etag } = before === undefined ? {} : tag(kind, before);
    return etag !== undefined && !etag.startsWith('W/') && etag === wanted;
  }
  return headers['if-none-match'] !== '*' || before === undefined;
}
