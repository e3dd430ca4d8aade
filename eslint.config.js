import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import jest from 'eslint-plugin-jest';
import tseslint from 'typescript-eslint';

/** The folders of src/ that hold adapters: each may import core and lib, never a neighbour. */
const adapters = ['registries', 'notifiers', 'approvals', 'deliveries', 'stores', 'cluster', 'embedded'];
/** The folders that face a caller: they drive flows. */
const faces = ['http', 'cli'];
const rooms = ['core', 'flows', 'config', 'lib', 'chat', ...adapters, ...faces];

/** Lint rule that lets `room` import its own files and `allowed` rooms only (design: the dependency rule). */
function imports(room, allowed, packages = []) {
  const forbidden = rooms.filter((name) => name !== room && !allowed.includes(name));
  const patterns = [
    {
      regex: `(^|/)(${forbidden.join('|')})/`,
      message: `${room} may import ${allowed.join(', ') || 'nothing of ours'}.`,
    },
    {
      regex: '/(wire(-[a-z]+)?|main)\\.ts$',
      message: 'only main.ts imports wire.ts, nothing imports main.ts.',
    },
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
    },
  },
  {
    // Time, randomness and environment are passed in: lib and config hold the real ones.
    files: ['src/**'],
    ignores: ['src/lib/**', 'src/config/**', 'src/main.ts', 'src/cli/**'],
    rules: {
      'no-restricted-globals': ['error', 'setTimeout', 'setInterval'],
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'environment is read in src/config.' },
        { object: 'Date', property: 'now', message: 'take a Clock.' },
        { object: 'Math', property: 'random', message: 'take a random source.' },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'take a Clock.' },
      ],
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
