import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import jest from 'eslint-plugin-jest';
import tseslint from 'typescript-eslint';

/** The folders of src/ that hold adapters: each may import core and lib, never a neighbour. */
const adapters = ['registries', 'notifiers', 'approvals', 'deliveries', 'stores', 'cluster', 'embedded'];
/** The folders that face a caller: they drive flows. */
const faces = ['http', 'cli'];
const rooms = ['core', 'flows', 'config', 'lib', 'chat', ...adapters, ...faces];

/** The composition root, and what starts it: main.ts and cli/notify.ts import run.ts, run.ts imports wire.ts and wire/, and that is all. */
const wires = '(^|/)wire(\\.ts$|/)';
const starters = '(^|/)(main|run)\\.ts$';
const started =
  'only run.ts imports wire.ts and wire/, only main.ts and cli/notify.ts import run.ts, nothing imports main.ts.';
/** The same for `import()`, of which no-restricted-imports knows nothing. */
const later = (pattern) => ({
  selector: `ImportExpression[source.value=/${pattern.replaceAll('/', '\\/')}/]`,
  message: started,
});
const noDate = {
  selector: "NewExpression[callee.name='Date'][arguments.length=0]",
  message: 'take a Clock.',
};

/** Lint rule that lets `room` import its own files and `allowed` rooms only (design: the dependency rule). */
function imports(room, allowed, packages = []) {
  const forbidden = rooms.filter((name) => name !== room && !allowed.includes(name));
  const patterns = [
    {
      regex: `(^|/)(${forbidden.join('|')})/`,
      message: `${room} may import ${allowed.join(', ') || 'nothing of ours'}.`,
    },
    { regex: wires, message: started },
    { regex: starters, message: started },
    ...packages,
  ];
  return { files: [`src/${room}/**`], rules: { 'no-restricted-imports': ['error', { patterns }] } };
}

const noKubernetesClient = {
  regex: '^@kubernetes/client-node',
  message: 'only src/cluster imports the Kubernetes client.',
};
const pureCore = {
  regex: '^(?!\\.|semver$|semver/|re2js$|yaml$|mustache$|zod$|node:crypto$)',
  message: 'core is pure: itself, semver, re2js, yaml, mustache, zod and node:crypto.',
};

export default tseslint.config(
  { ignores: ['dist', 'coverage', 'node_modules'] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['*.js'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
  },
  {
    rules: {
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      // Ports are objects of closures: nothing here has a `this` to lose.
      '@typescript-eslint/unbound-method': 'off',
      eqeqeq: 'error',
    },
  },
  {
    files: ['src/**'],
    rules: {
      complexity: ['error', 10],
      'max-depth': ['error', 3],
      'max-params': ['error', 4],
      'max-lines': ['error', { max: 200 }],
      'max-lines-per-function': ['error', { max: 60, skipComments: true, skipBlankLines: true }],
      'no-console': 'error',
      'no-restricted-imports': ['error', { patterns: [noKubernetesClient] }],
      'no-restricted-syntax': ['error', later(wires), later(starters)],
    },
  },
  {
    // Time, randomness and environment are passed in: lib and config hold the real ones.
    files: ['src/**'],
    ignores: ['src/lib/**', 'src/config/**', 'src/main.ts', 'src/run.ts', 'src/cli/**'],
    rules: {
      'no-restricted-globals': ['error', 'setTimeout', 'setInterval'],
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'environment is read in src/config.' },
        { object: 'Date', property: 'now', message: 'take a Clock.' },
        { object: 'Math', property: 'random', message: 'take a random source.' },
      ],
      'no-restricted-syntax': ['error', noDate, later(wires), later(starters)],
    },
  },
  imports('core', [], [pureCore]),
  imports('flows', ['core'], [noKubernetesClient]),
  imports('lib', ['core'], [noKubernetesClient]),
  // The file's schema is composed of those of the sinks.
  imports('config', ['core', 'lib', 'notifiers'], [noKubernetesClient]),
  ...adapters.map((room) => imports(room, ['core', 'lib'], room === 'cluster' ? [] : [noKubernetesClient])),
  ...faces.map((room) => imports(room, ['flows', 'core', 'lib', 'config'], [noKubernetesClient])),
  imports('chat', ['flows', 'core', 'lib'], [noKubernetesClient]),
  ...[
    { file: 'src/{wire.ts,wire/**}', pattern: starters },
    { file: 'src/run.ts', pattern: starters },
    { file: 'src/main.ts', pattern: `${wires}|(^|/)main\\.ts$` },
  ].map(({ file, pattern }) => ({
    files: [file],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [noKubernetesClient, { regex: pattern, message: started }] },
      ],
    },
  })),
  { files: ['src/run.ts'], rules: { 'no-restricted-syntax': ['error', later(starters)] } },
  {
    files: ['src/cli/notify.ts'],
    rules: { 'no-restricted-syntax': ['error', later(wires), later('(^|/)main\\.ts$')] },
  },
  {
    files: ['src/cli/**', 'src/main.ts', 'bench/**', 'test/cluster/**', 'test/faults/**'],
    rules: { 'no-console': 'off' },
  },
  { files: ['**/*.js'], ...tseslint.configs.disableTypeChecked },
  { files: ['test/**/*.test.ts'], ...jest.configs['flat/recommended'] },
  {
    files: ['test/**'],
    plugins: { jest },
    rules: {
      'jest/expect-expect': ['error', { assertFunctionNames: ['expect', 'expect*', 'fc.assert'] }],
      'jest/no-standalone-expect': 'off',
      'jest/no-conditional-expect': 'off',
    },
  },
  prettier,
);
