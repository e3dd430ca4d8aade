import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { allowedSecret, secret, secretText } from '../../src/core/secret-text.ts';

const token = secret('a token of at least 4 characters', z.string().min(4));
const messagesOf = (value: unknown): unknown =>
  token.safeParse(value).error?.issues.map(({ message }) => message);

test('a secret that was read is what it must be', () => {
  expect(token.parse(secretText('hunter2'))).toBe('hunter2');
  expect(messagesOf(secretText('no'))).toEqual(['a secret that is a token of at least 4 characters']);
});

test.each([['hunter2'], [{ env: 'TOKEN' }], [null], [undefined], [7]])('%j is none', (value) => {
  expect(messagesOf(value)).toEqual([allowedSecret]);
});

test('it shows nothing of itself', () => {
  expect(JSON.stringify({ token: secretText('hunter2') })).toBe('{"token":"***"}');
  expect(Object.values(secretText('hunter2'))).not.toContain('hunter2');
});
