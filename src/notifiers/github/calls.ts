import { z } from 'zod';
import { AppError, codeOfStatus } from '../../core/errors.ts';
import { oneLine } from '../../core/one-line.ts';
import type { Clock } from '../../core/ports.ts';
import type { Http, HttpAnswer } from '../../lib/http.ts';
import { wasTaken } from '../../lib/refused-answer.ts';

/** GitHub's REST API with a token. */
export interface GithubCalls {
  /**
   * Gets (without a body) or posts, and reads what a 2xx answers.
   *
   * @param path below the API's address, `/repos/…`.
   * @throws AppError with the code of any other answer and GitHub's words; `rate-limited` says how long to wait.
   */
  call<T>(path: string, answer: z.ZodType<T>, signal: AbortSignal, body?: object): Promise<T>;
}

export interface GithubCallsOptions {
  readonly http: Http;
  readonly clock: Clock;
  /** `https://api.github.com`, no slash at its end. */
  readonly api: string;
  readonly token: string;
}

/** https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api: what to wait where nothing says. */
const usualPauseMs = 60_000;

const Refusal = z.object({
  message: z.string().optional(),
  errors: z.array(z.object({ message: z.string().optional() }).catch({})).optional(),
});
const Limits = z.object({
  resources: z.object({ core: z.object({ remaining: z.number(), reset: z.number() }) }),
});

/** Creates them. Each is one request: who calls has a durable record, and tries again. */
export function createGithubCalls({ http, clock, api, token }: GithubCallsOptions): GithubCalls {
  const headers = (): Record<string, string> => ({
    authorization: `Bearer ${token}`,
    accept: 'application/vnd.github+json',
    'x-github-api-version': '2022-11-28',
  });
  const ask = (path: string, signal: AbortSignal, body?: object): Promise<HttpAnswer> => {
    const method = body ? 'POST' : 'GET';
    return http.ask({ method, url: `${api}${path}`, body: JSON.stringify(body ?? {}), headers }, signal);
  };
  /** When the hour is over: x-ratelimit-reset, told once more where asking costs nothing. */
  const untilResetMs = async (signal: AbortSignal): Promise<number> => {
    const limits = await ask('/rate_limit', signal).catch(() => undefined);
    const read = Limits.safeParse(jsonOf(limits?.body ?? ''));
    if (!read.success || read.data.resources.core.remaining > 0) return usualPauseMs;
    return Math.max(1000, read.data.resources.core.reset * 1000 - clock.now().getTime());
  };
  const refusal = async (answer: HttpAnswer, signal: AbortSignal): Promise<AppError> => {
    const { message = '', errors = [] } = Refusal.catch({}).parse(jsonOf(answer.body));
    const said = [message, ...errors.map((error) => error.message ?? '')].filter((words) => words !== '');
    const words = said.length > 0 ? `: ${oneLine(said.join('; ').replaceAll(token, '***'), 300)}` : '';
    const text = `GitHub answered ${answer.status}${words}`;
    if (!isTooOften(answer, message)) return new AppError(codeOfStatus(answer.status), text, pauseOf(answer));
    const retryAfterMs = answer.retryAfterMs ?? (await untilResetMs(signal));
    return new AppError('rate-limited', text, { retryAfterMs });
  };
  return {
    async call(path, schema, signal, body) {
      const answer = await ask(path, signal, body);
      if (!wasTaken('GitHub', answer)) throw await refusal(answer, signal);
      const read = schema.safeParse(jsonOf(answer.body));
      if (read.success) return read.data;
      throw new AppError('unavailable', `GitHub answered ${answer.status}, but not what is documented`);
    },
  };
}

/** GitHub says so with 403 as well as with 429, and 403 has other reasons too. */
function isTooOften({ status, retryAfterMs }: HttpAnswer, message: string): boolean {
  if (status !== 403) return status === 429;
  return retryAfterMs !== undefined || /rate limit|abuse detection/i.test(message);
}

function pauseOf({ retryAfterMs }: HttpAnswer): { readonly retryAfterMs?: number } {
  return retryAfterMs === undefined ? {} : { retryAfterMs };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
