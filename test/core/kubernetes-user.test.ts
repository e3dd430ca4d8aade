import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isApprover } from '../../src/core/ballot.ts';
import { namesOf, personOf } from '../../src/core/kubernetes-user.ts';

const named = (username: string, groups: readonly string[] = []) => ({ username, groups });

describe('a user of Kubernetes', () => {
  test('whose name is an address is the person of that address', () => {
    expect(personOf(named('Ann@Acme.example'))).toEqual({
      ...{ id: 'ann@acme.example', name: 'Ann@Acme.example', email: 'ann@acme.example' },
    });
  });

  test.each([
    'ann',
    'system:serviceaccount:shop:ann',
    'oidc:ann@acme.example',
    'https://login.example#ann@acme.example',
    'ann@acme',
    'ann@acme.example ',
    'token:ann',
    // The sign of the kelvin, whose small letter is that of ASCII.
    '\u212aim@acme.example',
  ])('called %s is a person of Kubernetes only', (username) => {
    expect(personOf(named(username))).toEqual({ id: `kubernetes:${username}`, name: username });
  });

  test('is called by name, with the prefix too, and by groups', () => {
    expect(namesOf(named('ann', ['ops', 'system:authenticated']))).toEqual([
      ...['kubernetes:ann', 'ann', 'group:ops', 'group:system:authenticated'],
    ]);
    expect(namesOf(named('Ann@acme.example'))).toEqual([
      ...['ann@acme.example', 'Ann@acme.example', 'kubernetes:Ann@acme.example'],
    ]);
    expect(namesOf(named('system:serviceaccount:shop:ci'))).toContain('system:serviceaccount:shop:ci');
  });

  test.each([
    'token:admin',
    'TOKEN:ann',
    'group:ops',
    'slack:T1/U1',
    'kubernetes:eve',
    'kubernetes:system:serviceaccount:shop:ci',
    '@ann',
    'U012AB3CD',
    'rbac',
    'RBAC',
    'token:a\nb',
    ' token:admin',
    '\uff54oken:admin',
  ])('does not become somebody else by the name %j', (username) => {
    const names = namesOf(named(username));

    expect(names).toEqual([`kubernetes:${username}`]);
    expect(isApprover({ names, rbac: false }, [username, username.trim().normalize('NFKC')])).toBe(false);
  });

  test('is in no group and holds no token that Kubernetes did not say, whatever he is called', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.string()), (username, groups) => {
        const names = namesOf(named(username, groups));

        const claims = names.filter((name) => /^(?:group|token|slack):/i.test(name));
        expect(claims).toEqual([...new Set(groups.map((group) => `group:${group}`))]);
        expect(names).toContain(personOf(named(username)).id);
      }),
    );
  });
});
