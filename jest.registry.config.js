import { transform } from './jest.config.js';

/** `npm run test:registry`: the product behind a real registry, Debian's docker-registry, and skopeo. */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test/registry'],
  extensionsToTreatAsEsm: ['.ts'],
  transform,
  maxWorkers: 1,
  testTimeout: 60_000,
};
