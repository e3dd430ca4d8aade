import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from '@jest/globals';
import { AppError } from '../../src/core/errors.ts';
import type { Log } from '../../src/core/ports.ts';
import { createLog, logLevels, type LogLevel } from '../../src/lib/log.ts';

/** A real log into an array of the chunks it wrote. */
function logged(write: (log: Log) => void, level: LogLevel = 'debug'): readonly string[] {
  const chunks: string[] = [];
  write(createLog(level, { write: (chunk) => chunks.push(chunk) }));
  return chunks;
}

function parsed(chunk: string | undefined): Readonly<Record<string, unknown>> {
  return JSON.parse(chunk ?? '') as Readonly<Record<string, unknown>>;
}

describe('lines', () => {
  test('are JSON with level, time, fields and message, and nothing of the machine', () => {
    const [line] = logged((log) =>
      log.info({ update: 'up-1', tries: 2, at: new Date(0) }, 'update delivered'),
    );

    const { time, ...rest } = parsed(line);

    expect(rest).toEqual({
      level: 'info',
      update: 'up-1',
      tries: 2,
      at: '1970-01-01T00:00:00.000Z',
      msg: 'update delivered',
    });
    expect(new Date(String(time)).toISOString()).toBe(time);
    expect(line?.endsWith('\n')).toBe(true);
  });

  test.each(logLevels)('below the level %s are not written', (level) => {
    const lines = logged((log) => logLevels.forEach((name) => log[name]({}, name)), level);

    expect(lines.map((line) => parsed(line).level)).toEqual(logLevels.slice(logLevels.indexOf(level)));
  });

  const hostile: readonly (readonly [string, string])[] = [
    ['newline', 'a\nb\r\nc'],
    ['ANSI', '\u001b[2J\u001b[31mred'],
    ['C1 control sequence', '\u009b31mred\u0085next'],
    ['delete', 'a\u007fb'],
    ['U+2028 and U+2029', 'a\u2028b\u2029c'],
    ['a forged line', '"}\n{"level":"info","msg":"update delivered"}'],
    ['nul', 'a\u0000b'],
    ['half a surrogate', 'a\ud800b'],
  ];

  test.each(hostile)('with %s stay one line, and nothing that moves a cursor gets out', (_name, text) => {
    const lines = logged((log) =>
      log.warn({ text, list: [text], nested: { text }, [text]: 1, error: new Error(text) }, text),
    );

    expect(lines).toHaveLength(1);
    const line = lines[0] ?? '';
    expect(line.slice(0, -1)).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
    expect(parsed(line)).toMatchObject({ text, list: [text], nested: { text }, msg: text });
  });
});

describe('secrets', () => {
  const keys = ['authorization', 'Authorization', 'password', 'secret', 'token'];

  test.each(keys)('%s is masked at every depth', (key) => {
    const canary = 'canary-123';
    const [line] = logged((log) =>
      log.info(
        {
          [key]: canary,
          one: { [key]: canary },
          two: { three: { [key]: canary, four: { [key]: canary } } },
          list: [{ [key]: canary }],
        },
        'configured',
      ),
    );

    expect(line).not.toContain(canary);
    expect(parsed(line)).toMatchObject({ [key]: '***', one: { [key]: '***' }, list: [{ [key]: '***' }] });
  });

  test('masking changes nothing in what was logged', () => {
    const fields = { token: 'x', nested: { secret: 'y' } };

    logged((log) => log.info(fields, 'configured'));

    expect(fields).toEqual({ token: 'x', nested: { secret: 'y' } });
  });
});

describe('errors', () => {
  /** As HTTP clients throw them: everything about the request hangs on the error. */
  const clientError = Object.assign(new Error('Request failed with status code 401'), {
    config: { headers: { authorization: 'Bearer header-canary' }, data: 'body-canary' },
    response: { data: 'body-canary', headers: { 'set-cookie': 'header-canary' } },
    request: { path: '/hook?token=query-canary' },
  });

  test('show message, code and causes, but neither headers nor bodies', () => {
    const error = new AppError('unavailable', 'no answer from host', { cause: clientError });

    const [line] = logged((log) => log.error({ error }, 'step failed'));

    expect(line).not.toContain('canary');
    expect(parsed(line).error).toMatchObject({
      name: 'AppError',
      code: 'unavailable',
      message: 'no answer from host',
      cause: { name: 'Error', message: 'Request failed with status code 401' },
    });
  });

  test('of other kinds show where they come from, ours need not', () => {
    const [fault, ours] = logged((log) => {
      log.error({ error: new TypeError('x is undefined') }, 'a fault');
      log.error({ error: new AppError('conflict', 'it was changed') }, 'expected');
    });

    expect(parsed(fault).error).toMatchObject({
      name: 'TypeError',
      stack: expect.stringContaining('log.test') as unknown,
    });
    expect(parsed(ours).error).not.toHaveProperty('stack');
  });

  test('are described under any name', () => {
    const [line] = logged((log) => log.error({ cause: clientError, all: [clientError] }, 'step failed'));

    expect(line).not.toContain('canary');
    expect(parsed(line)).toMatchObject({ all: [{ message: 'Request failed with status code 401' }] });
  });

  test('that are none are shown as they are', () => {
    const [text, nothing] = logged((log) => {
      log.error({ error: 'a text' }, 'thrown');
      log.error({ error: undefined }, 'thrown');
    });

    expect(parsed(text).error).toBe('a text');
    expect(parsed(nothing)).not.toHaveProperty('error');
  });

  test('that are their own cause come to an end', () => {
    const error = new Error('round');
    error.cause = error;

    const lines = logged((log) => log.error({ error }, 'thrown'));

    expect(parsed(lines[0]).msg).toBe('thrown');
  });
});

test('a reader that does not read holds nobody up, and gets every line before the process is gone', async () => {
  const module = new URL('../../src/lib/log.ts', import.meta.url).href;
  // More than a pipe holds.
  const program = `
    import { createLog, standardOutput } from ${JSON.stringify(module)};
    const output = standardOutput();
    const log = createLog('info', output);
    for (let n = 1; n <= 2000; n++) log.info({ n, filler: 'x'.repeat(500) }, 'a line');
    process.stdin.once('data', () => output.close().then(() => process.exit(0)));
    process.stderr.write('not held up');
  `;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program]);

  const [said] = (await once(child.stderr, 'data')) as [Buffer];
  const read = text(child.stdout);
  child.stdin.end('exit');

  expect(said.toString()).toBe('not held up');
  const lines = (await read).trimEnd().split('\n');
  expect(lines.map((line) => parsed(line).n)).toEqual(Array.from({ length: 2000 }, (_, n) => n + 1));
});
