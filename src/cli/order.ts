import { z } from 'zod';
import { variables } from '../config/environment.ts';
import { readVariable } from '../config/load.ts';
import { shownUrl } from '../config/mask.ts';
import { readProxies } from '../config/proxy.ts';
import { AppError, codeOfStatus } from '../core/errors.ts';
import { systemClock } from '../lib/clock.ts';
import { createHttp, type HttpAnswer } from '../lib/http.ts';
import type { Terminal } from './command.ts';

const Refusal = z.object({ error: z.object({ message: z.string() }) });
const timeoutMs = 15_000;
const maxAnswerBytes = 8 * 1024 * 1024;

/** Whose token goes along: the administrator's, or that of whoever votes. */
export type Caller = 'administrator' | 'voter';

/** What is asked of the running service. */
export interface Question<T> {
  readonly path: string;
  /** What a yes looks like. */
  readonly answer: z.ZodType<T>;
  /** The administrator when it is not said. */
  readonly by?: Caller;
}

/** One order: what is posted where. */
export interface Order<T> extends Question<T> {
  readonly body: unknown;
}

/**
 * Gives the running service an order.
 *
 * @param url where it is; undefined = as `UK_URL` says, or on this machine at `UK_PORT`.
 * @returns its answer, when that is a yes.
 * @throws AppError `bad-config` when the address or the token is missing or wrong; the code of a refusal.
 */
export async function giveOrder<T>(
  terminal: Terminal,
  url: string | undefined,
  { body, ...question }: Order<T>,
): Promise<T> {
  return call(terminal, url, question, JSON.stringify(body));
}

/** Looks something up; otherwise as `giveOrder`. */
export async function lookUp<T>(
  terminal: Terminal,
  url: string | undefined,
  question: Question<T>,
): Promise<T> {
  return call(terminal, url, question, undefined);
}

async function call<T>(
  terminal: Terminal,
  url: string | undefined,
  { path, answer, by = 'administrator' }: Question<T>,
  body: string | undefined,
): Promise<T> {
  const address = `${serviceUrl(terminal, url).replace(/\/+$/, '')}${path}`;
  const token = tokenOf(by, terminal);
  const http = createHttp({
    ...{
      clock: systemClock,
      timeoutMs,
      retries: 0,
      minDelayMs: 0,
      userAgent: 'updatekate-cli',
      maxAnswerBytes,
      proxies: readProxies(terminal.environment).proxies,
    },
  });
  const headers = () => ({ authorization: `Bearer ${token}` });
  const method = body === undefined ? 'GET' : 'POST';
  const request = { method, url: address, body: body ?? '', headers } as const;
  const yes = answer.safeParse(acceptedBody(await http.ask(request, AbortSignal.timeout(timeoutMs))));
  if (yes.success) return yes.data;
  throw new AppError('bad-request', 'the answer is not understood: is it Updatekate that answers there?');
}

/** Whoever votes does it under his own name where he can: the administrator's token may lie around in a pod. */
function tokenOf(by: Caller, { environment, readFile }: Terminal): string {
  const own = by === 'voter' ? readVariable(variables.voterToken, environment, readFile) : undefined;
  const token = own ?? readVariable(variables.adminToken, environment, readFile);
  if (token !== undefined) return token;
  const missing =
    by === 'voter'
      ? 'neither UK_TOKEN nor UK_ADMIN_TOKEN is set: one of them says who you are'
      : 'UK_ADMIN_TOKEN is not set: an order needs it';
  throw new AppError('bad-config', missing);
}

function serviceUrl({ environment, readFile }: Terminal, given: string | undefined): string {
  if (given !== undefined && variables.serviceUrl.schema.safeParse(given).success) return given;
  if (given !== undefined)
    throw new AppError(
      'bad-config',
      `--url ${shownUrl(given)} is not allowed; allowed: an http or https URL`,
    );
  const set = readVariable(variables.serviceUrl, environment, readFile);
  return set ?? `http://127.0.0.1:${readVariable(variables.port, environment, readFile)}`;
}

/** The JSON of a 2xx. A refusal that is no JSON of ours comes from something in between, or from another service. */
function acceptedBody({ status, body }: HttpAnswer): unknown {
  const json = parse(body);
  if (status >= 200 && status <= 299) return json;
  const refusal = Refusal.safeParse(json);
  const why = refusal.success ? `: ${refusal.data.error.message}` : ', and no reason that can be read';
  throw new AppError(codeOfStatus(status), `the service answered ${status}${why}`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
