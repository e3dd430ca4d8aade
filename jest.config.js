/** The swc transform both Jest configurations share. */
export const transform = {
  '^.+\\.ts$': [
    '@swc/jest',
    {
      jsc: { target: 'es2024', parser: { syntax: 'typescript' } },
      module: { type: 'es6' },
    },
  ],
};

/** `npm test`: everything that needs nothing but Node. */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testPathIgnorePatterns: ['<rootDir>/test/cluster/', '<rootDir>/test/registry/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform,
  // What a file of ES modules has loaded stays in memory: a worker that has grown makes room for another.
  workerIdleMemoryLimit: '1500MB',
  // A hang is a failure; a slow machine is none.
  testTimeout: 60_000,
  collectCoverageFrom: ['src/**/*.ts'],
  coverageReporters: ['text-summary', 'lcovonly'],
  coverageThreshold: {
    './src/core/': { branches: 100, functions: 100, lines: 100, statements: 100 },
  },
};
