import { expect, test } from '@jest/globals';
import { artifactorySettings } from '../../src/config/artifactory.ts';
import { loadConfig } from '../../src/config/load.ts';

const login = { UK_ARTIFACTORY_LOGIN: 'seen:correct:horse' };
const read = (environment: Readonly<Record<string, string>>) =>
  artifactorySettings(loadConfig(environment, () => '').config);

test.each(['https://art.example/generic/seen', 'https://art.example/generic/seen//'])(
  'what was seen is kept at %s with its login',
  (url) => {
    expect(read({ ...login, UK_ARTIFACTORY_URL: url })).toEqual({
      url: 'https://art.example/generic/seen',
      ...{ user: 'seen', password: 'correct:horse' },
    });
  },
);

test.each([{}, { UK_ARTIFACTORY_URL: 'https://art.example' }])(
  'with %j it is kept in the store',
  (environment) => {
    expect(read(environment)).toBeUndefined();
  },
);

test('a login for nothing is refused', () => {
  expect(() => read(login)).toThrow(
    expect.objectContaining({
      code: 'bad-config',
      message:
        'UK_ARTIFACTORY_LOGIN (or ARTIFACTORY_LOGIN) is set, but not where: set UK_ARTIFACTORY_URL (or ARTIFACTORY_URL) too',
    }),
  );
});
