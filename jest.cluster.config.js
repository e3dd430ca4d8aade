import { transform } from './jest.config.js';

/** `npm run test:cluster`: the product against a real control plane, one file at a time. */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test/cluster'],
  extensionsToTreatAsEsm: ['.ts'],
  transform,
  globalSetup: '<rootDir>/test/cluster/global-setup.ts',
  maxWorkers: 1,
  testTimeout: 120_000,
};
