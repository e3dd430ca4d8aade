import { expect, test } from '@jest/globals';
import { isAddress, isOnePerson } from '../../src/core/approver.ts';

test.each(['ann@acme.example', 'Ann@Acme.example', 'ann@localhost'])(
  '%s is an address, and one person',
  (entry) => {
    expect([isAddress(entry), isOnePerson(entry)]).toEqual([true, true]);
  },
);

test.each([
  'U0123456789',
  'W0123456789',
  'slack:T012AB3CD/U012AB3CD',
  'token:ci',
  'kubernetes:system:serviceaccount:a:b',
])('%s is one person without an address', (entry) => {
  expect([isAddress(entry), isOnePerson(entry)]).toEqual([false, true]);
});

test.each([
  ...['group:ops', 'group:ops@acme.example', '@ada', 'S0123456789', 'rbac', 'ann', ''],
  ...['ann@', 'a b@acme.example', 'token:', 'token:Ann', 'kubernetes:', 'slack:T1', 'U1 ann@acme.example'],
])('%j may stand for many, or for nobody', (entry) => {
  expect([isAddress(entry), isOnePerson(entry)]).toEqual([false, false]);
});
