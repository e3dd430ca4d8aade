import { describe, expect, test } from '@jest/globals';
import { AppError } from '../../src/core/errors.ts';
import { mustBeTaken } from '../../src/lib/refused-answer.ts';

const url = 'https://vendor.example/hook?v=1&token=a_long%3Dtoken';

/** What an answer was refused with. */
function refusal(status: number, body: string, retryAfterMs?: number): AppError | undefined {
  try {
    mustBeTaken('Vendor', url, { status, body, retryAfterMs });
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(AppError);
    return error as AppError;
  }
}

describe('mustBeTaken', () => {
  test.each([200, 202, 204, 299])('takes %p with any body but a web page', (status) => {
    const bodies = ['', 'ok', '{"error":{"message":"no"}}', '{"html":"<html>"}', 'a < b'];

    expect(bodies.map((body) => refusal(status, body))).toEqual(bodies.map(() => undefined));
    expect(refusal(status, '\n<html>no</html>')).toMatchObject({
      ...{
        code: 'unavailable',
        message: `Vendor answered ${status} with a web page: is something in between?`,
      },
    });
  });

  test.each([
    ['{"error":{"code":"Off","message":"It is\\noff."}}', 'Vendor answered 400: Off: It is off.'],
    ['{"error":{"code":400,"status":"OFF","message":"It is off."}}', 'Vendor answered 400: OFF: It is off.'],
    ['{"error":{"message":"It is off."}}', 'Vendor answered 400: It is off.'],
    ['{"error":"off"}', 'Vendor answered 400'],
    ['<html>', 'Vendor answered 400'],
    ['', 'Vendor answered 400'],
  ])('says in the words of %s what is wrong', (body, message) => {
    expect(refusal(400, body)).toMatchObject({ code: 'bad-request', message });
  });

  test.each([
    [302, 'bad-request'],
    [401, 'unauthorized'],
    [404, 'not-found'],
    [410, 'gone'],
    [413, 'too-large'],
    [500, 'unavailable'],
  ])('%p is %s', (status, code) => {
    expect(refusal(status, '')?.code).toBe(code);
  });

  test('says how long to wait where that was said', () => {
    expect(refusal(429, '', 40_000)).toMatchObject({ code: 'rate-limited', retryAfterMs: 40_000 });
    expect(refusal(429, '')?.retryAfterMs).toBeUndefined();
  });

  test('repeats nothing of the query that may be secret, encoded or not', () => {
    const echo = `v=1 ${url} a_long=token ${'x'.repeat(1000)}`;

    const message = refusal(400, JSON.stringify({ error: { message: echo } }))?.message ?? '';

    expect(message).toMatch(
      /^Vendor answered 400: v=1 https:\/\/vendor\.example\/hook\?v=1&token=\*\*\* \*\*\* x+…$/,
    );
    expect(message.length).toBeLessThanOrEqual(300);
  });
});
