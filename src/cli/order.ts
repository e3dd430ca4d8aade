import { z } from 'zod';
import { variables } from '../config/environment.ts';
import { readVariable } from '../config/load.ts';
import { AppError, codeOfStatus } from '../core/errors.ts';
import { systemClock } from '../lib/clock.ts';
import { createHttp, type HttpAnswer } from '../lib/http.ts';
import type { Terminal } from './command.ts';

const Refusal = z.object({ error: z.object({ message: z.string() }) });
const timeoutMs = 15_000;

/** One order: what is posted where, and what a yes looks like. */
export interface Order<T> {
  readonly path: string;
  readonly body: unknown;
  readonly answer: z.ZodType<T>;
}

/**
 * Gives the running service an order, as administrator.
 *
 * @param url where it is; undefined = as `UK_URL` says, or on this machine at `UK_PORT`.
 * @returns its answer, when that is a yes.
 * @throws AppError `bad-config` when the address or the token is missing or wrong; the code of a refusal.
 */
export async function giveOrder<T>(
  terminal: Terminal,
  url: string | undefined,
  { path, body, answer }: Order<T>,
): Promise<T> {
  const address = `${serviceUrl(terminal, url).replace(/\/+$/, '')}${path}`;
  const token = readVariable(variables.adminToken, terminal.environment, terminal.readFile);
  if (token === undefined) throw new AppError('bad-config', 'UK_ADMIN_TOKEN is not set: an order needs it');
  const http = createHttp({
    ...{ clock: systemClock, timeoutMs, retries: 0, minDelayMs: 0, userAgent: 'updatekate-cli' },
  });
  const headers = () => ({ authorization: `Bearer ${token}` });
  const request = { url: address, body: JSON.stringify(body), headers };
  const yes = answer.safeParse(acceptedBody(await http.ask(request, AbortSignal.timeout(timeoutMs))));
  if (yes.success) return yes.data;
  throw new AppError('bad-request', 'the answer is not understood: is it Updatekate that answers there?');
}

function serviceUrl({ environment, readFile }: Terminal, given: string | undefined): string {
  if (given !== undefined && variables.serviceUrl.schema.safeParse(given).success) return given;
  if (given !== undefined)
    throw new AppError('bad-config', `--url ${given} is not allowed; allowed: an http or https URL`);
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
