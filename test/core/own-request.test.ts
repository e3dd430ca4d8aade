import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { identityOf, type Person } from '../../src/core/approval.ts';
import { mayHaveAsked } from '../../src/core/own-request.ts';

const withAddress: Person = { id: 'ann@acme.example', name: 'Ann S.', email: 'ann@acme.example' };
const plain = (id: string, name = 'somebody'): Person => ({ id, name });

describe('mayHaveAsked', () => {
  test.each<[string, Person]>([
    ['ann@acme.example', withAddress],
    ['ANN@Acme.Example', withAddress],
    ['ann', withAddress],
    ['Ann', withAddress],
    [' ａｎｎ ', withAddress],
    ['ann', { ...plain('slack:T01/U02'), email: 'Ann@other.example' }],
    ['ann s.', withAddress],
    ['ann', plain('kubernetes:ann')],
    ['ann', plain('kubernetes:oidc:ann')],
    ['ann', plain('kubernetes:oidc:ann@acme.example')],
    ['ann@acme.example', plain('kubernetes:oidc:ann@acme.example')],
    ['ann', plain('kubernetes:https://idp.example#ann')],
    ['ci', plain('kubernetes:system:serviceaccount:shop:ci')],
    ['kubernetes:ann', plain('kubernetes:ann')],
    ['admin', plain('token:admin', 'admin')],
    ['ann@acme.example', plain('token:ann')],
    ['ann', plain('@ann', '@ann')],
    ['u02', plain('slack:T01/U02')],
    ['ann', plain('slack:T01/U02', 'Ann')],
    ['robot$ci', plain('token:robot$ci')],
  ])('%s may be %j', (requester, person) => {
    expect(mayHaveAsked(person, requester)).toBe(true);
  });

  test.each<[string, Person]>([
    ['bob', withAddress],
    ['an', withAddress],
    ['anna', withAddress],
    ['acme.example', withAddress],
    ['@acme.example', withAddress],
    ['ann@other.example', withAddress],
    ['ann@other.example', { ...withAddress, name: 'ann' }],
    ['ann@other.example', plain('kubernetes:oidc:ann@acme.example')],
    ['ci', withAddress],
    ['robot$ann', withAddress],
    ['robot$shop+ann', plain('kubernetes:ann')],
    ['ann[bot]', withAddress],
    ['github-actions[bot]', withAddress],
    ['332133', withAddress],
    ['kubernetes', plain('kubernetes:ann')],
    ['token', plain('token:ann')],
    ['slack', plain('slack:T01/U02')],
    ['', plain('', '')],
    [' ', plain('kubernetes:', ' ')],
    ['', plain('@', '@')],
    ['', plain('kubernetes:@', 'a@')],
  ])('%j is not %j', (requester, person) => {
    expect(mayHaveAsked(person, requester)).toBe(false);
  });

  const names = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.stringMatching(/^[a-b@:/#$ ]{0,8}$/),
    fc.constantFrom('x'.repeat(5000), ':'.repeat(600)),
  );

  test('whoever is known by the very name that asked may have asked, whatever the name is', () => {
    fc.assert(
      fc.property(names, names, (name, other) => {
        const isSomething = identityOf(name) !== '';

        expect(mayHaveAsked(plain(name, other), name)).toBe(isSomething);
        expect(mayHaveAsked({ ...plain(other, other), email: name }, name)).toBe(isSomething);
      }),
    );
  });

  test('two whose names have nothing in common are two', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[a-m@:/#]{0,9}$/),
        fc.stringMatching(/^[n-z$[\]+-]{1,9}$/),
        (id, requester) => {
          expect(mayHaveAsked(plain(id, id), requester)).toBe(false);
        },
      ),
    );
  });
});
