import { describe, expect, test } from '@jest/globals';
import { variables } from '../../src/config/environment.ts';
import { loadConfig, readVariable, type Config, type Environment } from '../../src/config/load.ts';
import { policyModules } from '../../src/core/policies/index.ts';

type Key = keyof typeof variables;

const key24 = `whsec_${Buffer.alloc(24, 1).toString('base64')}`;
const key32 = `whsec_${Buffer.alloc(32, 2).toString('base64')}`;
const token = 'correct-horse-battery';
const other = 'another-one-for-you=';
const third = 'and-yet-another:one';
const topics = [
  'arn:aws:sns:eu-central-1:123456789012:images',
  'arn:aws-cn:sns:cn-north-1:123456789012:a.fifo',
] as const;
const noFile = (): string => {
  throw new Error('no file is to be read');
};
/** With an empty file for `UK_CONFIG`. */
const configOf = (environment: Environment): Config => loadConfig(environment, () => '').config;

/** Per variable: its name, what it is when it is unset, and a text with the value that it gives. */
const good: Readonly<Record<Key, readonly [`UK_${string}`, unknown, string, unknown]>> = {
  namespace: ['UK_NAMESPACE', 'default', 'shop', 'shop'],
  namespaces: ['UK_NAMESPACES', undefined, 'shop, till,shop', ['shop', 'till']],
  deployment: ['UK_DEPLOYMENT', undefined, 'shop', 'shop'],
  repository: ['UK_REPO', undefined, 'quay.io/acme/shop', 'quay.io/acme/shop'],
  container: ['UK_CONTAINER', undefined, 'app', 'app'],
  policy: ['UK_POLICY', { text: 'semver' }, 'semver:^1.2', { text: 'semver:^1.2' }],
  webhookUrl: ['UK_WEBHOOK', undefined, 'https://ci.example/hook', 'https://ci.example/hook'],
  webhookKeys: [
    ...(['UK_WEBHOOK_SECRET', undefined] as const),
    ...([`${key24}  ${key32}`, [Buffer.alloc(24, 1), Buffer.alloc(32, 2)]] as const),
  ],
  webhookFormat: ['UK_WEBHOOK_FORMAT', 'updatekate', 'cdevents-0.4', 'cdevents-0.4'],
  approvalWebhookUrl: ['UK_APPROVAL_WEBHOOK', undefined, 'https://ask.example/', 'https://ask.example/'],
  approvalWebhookKeys: ['UK_APPROVAL_WEBHOOK_SECRET', undefined, key24, [Buffer.alloc(24, 1)]],
  teamLabel: ['UK_TEAM_LABEL', 'app.dbc.dk/team', 'acme.example/team', 'acme.example/team'],
  updateLink: ['UK_UPDATE_LINK', undefined, 'https://argo.example/{workload}', Function],
  webhookToken: ['UK_WEBHOOK_TOKEN', undefined, `${token}  ${other}`, [token, other]],
  webhookTokens: [
    ...(['UK_WEBHOOK_TOKENS', undefined, `quay=${token}\nghcr=${other} quay=${other}`] as const),
    new Map([
      ['quay', [token, other]],
      ['ghcr', [other]],
    ]),
  ],
  oidcAudience: ['UK_OIDC_AUDIENCE', undefined, 'https://updatekate.example', 'https://updatekate.example'],
  oidcIssuer: [
    'UK_OIDC_ISSUER',
    'https://accounts.google.com',
    'https://login.example/t',
    'https://login.example/t',
  ],
  oidcEmail: ['UK_OIDC_EMAIL', undefined, 'push@project.example', 'push@project.example'],
  oidcSubject: ['UK_OIDC_SUBJECT', undefined, '1032', '1032'],
  snsTopics: ['UK_SNS_TOPICS', undefined, `${topics[0]}, ${topics[1]}`, topics],
  trustedProxies: [
    'UK_TRUSTED_PROXIES',
    undefined,
    '10.0.0.0/8,192.0.2.1  fd00::/8',
    ['10.0.0.0/8', '192.0.2.1', 'fd00::/8'],
  ],
  clientCertHeader: ['UK_CLIENT_CERT_HEADER', undefined, 'SSL-Client-Subject-DN', 'ssl-client-subject-dn'],
  clientCertSubject: ['UK_CLIENT_CERT_SUBJECT', undefined, 'CN=quay,O=Acme', 'CN=quay,O=Acme'],
  tlsCertFile: ['UK_TLS_CERT_FILE', undefined, '/run/tls/tls.crt', '/run/tls/tls.crt'],
  tlsKeyFile: ['UK_TLS_KEY_FILE', undefined, '/run/tls/tls.key', '/run/tls/tls.key'],
  tlsClientCaFile: ['UK_TLS_CLIENT_CA_FILE', undefined, '/run/tls/ca.crt', '/run/tls/ca.crt'],
  configPath: ['UK_CONFIG', undefined, 'uk.yaml', 'uk.yaml'],
  approvalAnnotation: [
    'UK_APPROVAL_ANNOTATION',
    'initializer.kubernetes.io/oga',
    'acme.example/approval',
    'acme.example/approval',
  ],
  approvalTokens: [
    ...(['UK_APPROVAL_TOKENS', undefined, `ann:${token}\nbob-2:${third} ann:${other}`] as const),
    new Map([
      ['ann', [token, other]],
      ['bob-2', [third]],
    ]),
  ],
  approvalKubernetes: ['UK_APPROVAL_KUBERNETES', false, 'true', true],
  voteLinkKeys: [
    'UK_VOTE_LINK_SECRET',
    undefined,
    `${'a'.repeat(32)} ${'b'.repeat(32)}`,
    [Buffer.from('a'.repeat(32)), Buffer.from('b'.repeat(32))],
  ],
  publicUrl: ['UK_PUBLIC_URL', undefined, 'https://updatekate.example', 'https://updatekate.example'],
  voterToken: ['UK_TOKEN', undefined, 'a.b-c', 'a.b-c'],
  slackBotToken: ['UK_SLACK_BOT_TOKEN', undefined, 'xoxb-12345678', 'xoxb-12345678'],
  slackAppToken: ['UK_SLACK_APP_TOKEN', undefined, 'xapp-12345678', 'xapp-12345678'],
  slackSigningSecret: ['UK_SLACK_SIGNING_SECRET', undefined, token, token],
  slackChannel: ['UK_SLACK_CHANNEL', undefined, '#releases', '#releases'],
  slackApiUrl: ['UK_SLACK_API_URL', undefined, 'https://slack.example/api/', 'https://slack.example/api/'],
  watchNamespaces: ['UK_WATCH_NAMESPACES', undefined, 'shop till,shop', ['shop', 'till']],
  notifySlackToken: ['UK_NOTIFY_SLACK_TOKEN', undefined, 'xoxb-87654321', 'xoxb-87654321'],
  notifySlackChannel: ['UK_NOTIFY_SLACK_CHANNEL', undefined, '#deploys', '#deploys'],
  artifactoryUrl: ['UK_ARTIFACTORY_URL', undefined, 'https://art.example/seen/', 'https://art.example/seen/'],
  artifactoryLogin: [
    'UK_ARTIFACTORY_LOGIN',
    undefined,
    'seen:correct:horse',
    { user: 'seen', password: 'correct:horse' },
  ],
  ownNamespace: ['UK_OWN_NAMESPACE', 'default-namespace', 'platform', 'platform'],
  webhookRate: ['UK_WEBHOOK_RATE', 1000, '0', 0],
  info: ['UK_INFO', true, 'false', false],
  adminToken: ['UK_ADMIN_TOKEN', undefined, token, token],
  port: ['UK_PORT', 8888, '0', 0],
  serviceUrl: ['UK_URL', undefined, 'http://updatekate:8888', 'http://updatekate:8888'],
  rolloutTimeoutMs: ['UK_ROLLOUT_TIMEOUT', 900_000, '1h30m', 5_400_000],
  rolloutPollMs: ['UK_ROLLOUT_POLL', 20_000, '5s', 5000],
  cluster: ['UK_CLUSTER', 'auto', 'embedded', 'embedded'],
  kubeconfig: ['UK_KUBECONFIG', undefined, '/run/kubeconfig', '/run/kubeconfig'],
  embeddedManifests: ['UK_EMBEDDED_MANIFESTS', undefined, 'shop.yaml', 'shop.yaml'],
  embeddedPort: ['UK_EMBEDDED_PORT', 8889, '65535', 65_535],
  embeddedPodReadyMs: ['UK_EMBEDDED_POD_READY', 1000, '500ms', 500],
  store: ['UK_STORE', 'auto', 'sqlite', 'sqlite'],
  dataFolder: ['UK_DATA_DIR', './data', '/var/lib/updatekate', '/var/lib/updatekate'],
  logLevel: ['UK_LOG_LEVEL', 'info', 'debug', 'debug'],
};
/** What a variable cannot be set without. */
const needed: Readonly<Record<string, Environment>> = {
  UK_NOTIFY_SLACK_TOKEN: { UK_NOTIFY_SLACK_CHANNEL: 'deploys' },
  UK_NOTIFY_SLACK_CHANNEL: { UK_NOTIFY_SLACK_TOKEN: 'xoxb-87654321' },
  UK_ARTIFACTORY_LOGIN: { UK_ARTIFACTORY_URL: 'https://art.example' },
};
const rows = (Object.keys(good) as Key[]).map((key) => [key, ...good[key]] as const);

const policies = policyModules.map(({ usage }) => usage).join(', ');
const clusters = 'auto, in-cluster, kubeconfig, embedded';
const sixteen = 'at least 16 characters';
const sixteenEach = `${sixteen} each`;
const pairs = 'source=secret pairs, one a line or separated by spaces, secrets of at least 16 characters';
const namedTokens =
  'name:token pairs, one a line or separated by spaces, names of a-z, 0-9 and - but not admin, tokens of at least 16 characters';
const linkTemplate =
  'an http or https URL that may have {update}, {cluster}, {namespace}, {kind}, {workload}, {repository}, {tag} behind its host';
const arns = 'ARNs of SNS topics, separated by spaces or commas';
const networks = 'addresses and networks such as 10.0.0.0/8, separated by spaces or commas';
const watched = 'namespaces separated by spaces or commas, or *';
const folder = 'an http or https URL without a login, ? and #; needs UK_ARTIFACTORY_LOGIN';
const whsec = 'whsec_ and the base64 of 24 to 64 bytes';
const bad: readonly (readonly [name: string, given: string, shown: string, allowed: string])[] = [
  ['UK_NAMESPACE', 'Shop', 'Shop', 'a namespace'],
  ['UK_NAMESPACES', 'shop,*', 'shop,*', 'namespaces separated by commas, or *'],
  ['UK_NAMESPACES', ',', ',', 'namespaces separated by commas, or *'],
  ['UK_DEPLOYMENT', 'my shop', 'my shop', 'the name of a Deployment'],
  [
    'UK_REPO',
    'quay.io/acme/shop:1.0',
    'quay.io/acme/shop:1.0',
    'host/namespace/name, or namespace/name on any host',
  ],
  ['UK_CONTAINER', 'app_1', 'app_1', 'the name of a container'],
  ['UK_POLICY', 'yolo', 'yolo', policies],
  ['UK_POLICY', 'semver:one', 'semver:one', policies],
  ['UK_WEBHOOK', 'ftp://user:secret@ci.example', '***', 'an http or https URL'],
  ['UK_WEBHOOK_SECRET', 'whsec_c2hvcnQ=', '***', whsec],
  ['UK_WEBHOOK_SECRET', `${key24} plain`, '***', whsec],
  ['UK_WEBHOOK_FORMAT', 'xml', 'xml', 'updatekate, cdevents, cdevents-0.4'],
  ['UK_WEBHOOK_FORMAT', 'toString', 'toString', 'updatekate, cdevents, cdevents-0.4'],
  ['UK_APPROVAL_WEBHOOK', 'ask.example', '***', 'an http or https URL'],
  ['UK_APPROVAL_WEBHOOK_SECRET', 'whsec_c2hvcnQ=', '***', whsec],
  ['UK_TEAM_LABEL', 'my team', 'my team', 'the key of a label'],
  ['UK_UPDATE_LINK', 'https://{cluster}.example/', 'https://{cluster}.example/', linkTemplate],
  ['UK_WEBHOOK_TOKEN', 'secret', '***', sixteenEach],
  ['UK_WEBHOOK_TOKEN', `${token} short`, '***', sixteenEach],
  ['UK_WEBHOOK_TOKEN', 'two words', '***', sixteenEach],
  ['UK_WEBHOOK_TOKENS', token, '***', pairs],
  ['UK_WEBHOOK_TOKENS', 'quay=short', '***', pairs],
  ['UK_WEBHOOK_TOKENS', `quay=${token} ghcr=`, '***', pairs],
  ['UK_WEBHOOK_TOKENS', `=${token}`, '***', pairs],
  ['UK_OIDC_AUDIENCE', ' ', '', 'a text'],
  ['UK_OIDC_ISSUER', 'http://login.example', 'http://login.example', 'an https URL'],
  ['UK_OIDC_ISSUER', 'login.example', '***', 'an https URL'],
  ['UK_OIDC_ISSUER', 'https://login.example/?a', 'https://login.example/?***', 'an https URL'],
  ['UK_OIDC_ISSUER', 'https://me@login.example', 'https://***@login.example', 'an https URL'],
  ['UK_OIDC_EMAIL', ' ', '', 'a text'],
  ['UK_OIDC_SUBJECT', ' ', '', 'a text'],
  ['UK_SNS_TOPICS', 'images', 'images', arns],
  [
    'UK_SNS_TOPICS',
    `${topics[0]} arn:aws:sqs:eu-central-1:123456789012:images`,
    `${topics[0]} arn:aws:sqs:eu-central-1:123456789012:images`,
    arns,
  ],
  ['UK_SNS_TOPICS', ',', ',', arns],
  ['UK_TRUSTED_PROXIES', 'proxy.example', 'proxy.example', networks],
  ['UK_TRUSTED_PROXIES', '10.0.0.0/33', '10.0.0.0/33', networks],
  ['UK_TRUSTED_PROXIES', '10.0.0.0/8/8', '10.0.0.0/8/8', networks],
  ['UK_TRUSTED_PROXIES', '10.0.0.0/', '10.0.0.0/', networks],
  ['UK_TRUSTED_PROXIES', 'fd00::/129', 'fd00::/129', networks],
  [
    ...(['UK_CLIENT_CERT_HEADER', 'x client', 'x client'] as const),
    'the name of a header, such as ssl-client-subject-dn or x-forwarded-client-cert',
  ],
  ['UK_CLIENT_CERT_SUBJECT', ' ', '', 'a distinguished name or a common name'],
  ['UK_TLS_CERT_FILE', ' ', '', 'a PEM file'],
  ['UK_TLS_KEY_FILE', ' ', '', 'a PEM file'],
  ['UK_TLS_CLIENT_CA_FILE', ' ', '', 'a PEM file'],
  ['UK_CONFIG', ' ', '', 'a YAML file'],
  ['UK_APPROVAL_ANNOTATION', 'two words', 'two words', 'the key of an annotation'],
  ['UK_APPROVAL_TOKENS', token, '***', namedTokens],
  ['UK_APPROVAL_TOKENS', 'ann:short', '***', namedTokens],
  ['UK_APPROVAL_TOKENS', `Ann:${token}`, '***', namedTokens],
  ['UK_APPROVAL_TOKENS', `ann:${token} admin:${other}`, '***', namedTokens],
  ['UK_APPROVAL_KUBERNETES', 'maybe', 'maybe', 'true or false'],
  [
    ...(['UK_VOTE_LINK_SECRET', 'short', '***'] as const),
    'at least 32 characters without spaces; needs UK_PUBLIC_URL',
  ],
  ['UK_PUBLIC_URL', 'updatekate.example', '***', 'an http or https URL'],
  ['UK_TOKEN', 'two words', '***', 'a token without spaces'],
  ['UK_SLACK_BOT_TOKEN', 'xapp-12345678', '***', 'a token that starts with xoxb-'],
  ['UK_SLACK_APP_TOKEN', 'xoxb-12345678', '***', 'a token that starts with xapp-'],
  ['UK_SLACK_SIGNING_SECRET', 'short', '***', 'at least 16 characters'],
  ['UK_SLACK_CHANNEL', 'two words', 'two words', 'the name or the id of a channel'],
  ['UK_SLACK_API_URL', 'slack.com', '***', 'an http or https URL'],
  ['UK_WATCH_NAMESPACES', 'shop,*', 'shop,*', watched],
  ['UK_WATCH_NAMESPACES', ',', ',', watched],
  ['UK_NOTIFY_SLACK_TOKEN', 'xapp-12345678', '***', 'a token that starts with xoxb- or xoxp-'],
  ['UK_NOTIFY_SLACK_CHANNEL', '<!here>', '<!here>', 'the name or the id of a channel'],
  ['UK_ARTIFACTORY_URL', 'me:horse@art.example/x', '***', folder],
  ['UK_ARTIFACTORY_URL', 'https://me:horse@art.example/x', 'https://***@art.example/x', folder],
  ['UK_ARTIFACTORY_URL', 'https://me:ho/r@se@art.example/x', 'https://***@art.example/x', folder],
  ['UK_ARTIFACTORY_URL', 'https://art.example/?apiKey=horse', 'https://art.example/?***', folder],
  ['UK_ARTIFACTORY_URL', 'https://me:1?horse@art.example', 'https://***', folder],
  ['UK_ARTIFACTORY_LOGIN', 'nobody', '***', 'user:password'],
  ['UK_ARTIFACTORY_LOGIN', ':horse', '***', 'user:password'],
  ['UK_ARTIFACTORY_LOGIN', 'me:', '***', 'user:password'],
  ['UK_OWN_NAMESPACE', 'my.own', 'my.own', 'a namespace'],
  ['UK_WEBHOOK_RATE', '-1', '-1', 'a number from 0 to 100000'],
  ['UK_WEBHOOK_RATE', '100001', '100001', 'a number from 0 to 100000'],
  ['UK_INFO', 'maybe', 'maybe', 'true or false'],
  ['UK_ADMIN_TOKEN', 'secret', '***', sixteen],
  ['UK_PORT', '65536', '65536', 'a port'],
  ['UK_PORT', 'http', 'http', 'a port'],
  ['UK_URL', 'updatekate:8888', '***', 'an http or https URL'],
  ['UK_ROLLOUT_TIMEOUT', '15', '15', 'a duration such as 90s, 15m, 1h30m'],
  ['UK_ROLLOUT_POLL', '0s', '0s', 'a duration such as 5s, 20s'],
  ['UK_CLUSTER', 'minikube', 'minikube', clusters],
  ['UK_KUBECONFIG', ' ', '', 'a kubeconfig file'],
  ['UK_EMBEDDED_MANIFESTS', ' ', '', 'a YAML or JSON file'],
  ['UK_EMBEDDED_PORT', '99999', '99999', 'a port'],
  ['UK_EMBEDDED_POD_READY', 'fast', 'fast', 'a duration such as 500ms, 1s'],
  ['UK_STORE', 'etcd', 'etcd', 'auto, kubernetes, sqlite, memory'],
  ['UK_DATA_DIR', ' ', '', 'a folder'],
  ['UK_LOG_LEVEL', 'trace', 'trace', 'debug, info, warn, error'],
];

describe('each variable', () => {
  test('is in the tables of this test', () => {
    const names = Object.values(variables).map(({ name }) => name);

    expect(rows.map(([, name]) => name)).toEqual(names);
    expect([...new Set(bad.map(([name]) => name))]).toEqual(names);
  });

  test.each(rows)('%s: %s has a default', (key, name, fallback) => {
    const values = [configOf({})[key], configOf({ [name]: '' })[key]];

    expect(values[0]).toEqual(fallback === undefined ? undefined : expectation(fallback));
    expect(values[1]).toEqual(fallback === undefined ? undefined : expectation(fallback));
  });

  test.each(rows)('%s: %s is read, without the spaces around it', (key, name, _fallback, given, value) => {
    const config = configOf({ ...needed[name], [name]: `  ${given}\n` });

    expect(config[key]).toEqual(expectation(value));
  });

  test.each(bad)('%s=%s stops the start and says what is allowed', (name, given, shown, allowed) => {
    const load = () => loadConfig({ [name]: given }, noFile);

    expect(load).toThrow(
      expect.objectContaining({
        code: 'bad-config',
        message: `${name}=${shown} is not allowed; allowed: ${allowed}`,
      }),
    );
  });
});

/** What is to be a function is asked for by its class; objects, but for buffers and lists, are compared by the properties that the table names. */
function expectation(value: unknown): unknown {
  if (value === Function) return expect.any(Function);
  return typeof value === 'object' && !Array.isArray(value) && !(value instanceof Map)
    ? expect.objectContaining(value as Record<string, unknown>)
    : value;
}

describe('the configuration', () => {
  test('cannot be changed', () => {
    expect(Object.isFrozen(configOf({}))).toBe(true);
  });

  test('is shown as it was written, secrets masked', () => {
    const secrets = {
      UK_WEBHOOK: 'https://user:pw@ci.example',
      UK_WEBHOOK_SECRET: key24,
      UK_WEBHOOK_TOKEN: token,
    };

    const { shown } = loadConfig({ ...secrets, UK_PORT: '80', UK_ADMIN_TOKEN: token }, noFile);

    expect(Object.keys(shown)).toEqual(rows.map(([, name]) => name));
    expect(shown).toMatchObject({
      ...{ UK_WEBHOOK: '***', UK_WEBHOOK_SECRET: '***', UK_WEBHOOK_TOKEN: '***', UK_ADMIN_TOKEN: '***' },
      ...{ UK_PORT: '80', UK_NAMESPACE: 'default', UK_DEPLOYMENT: '' },
    });
    expect(JSON.stringify(shown)).not.toMatch(/pw|whsec_|horse/);
  });

  test('is shown without the login of an address, and with an @ that is none', () => {
    const { shown } = loadConfig(
      { UK_SLACK_API_URL: 'https://me:p@w@proxy.example/x', UK_UPDATE_LINK: 'https://argo.example/@me' },
      noFile,
    );

    expect(shown).toMatchObject({
      ...{ UK_SLACK_API_URL: 'https://***@proxy.example/x', UK_UPDATE_LINK: 'https://argo.example/@me' },
    });
  });

  test('is shown without the query of an address', () => {
    const { shown } = loadConfig({ UK_SLACK_API_URL: 'https://proxy.example/api?key=horse' }, noFile);

    expect(shown).toMatchObject({ UK_SLACK_API_URL: 'https://proxy.example/api?***' });
  });

  test('has what the file of UK_CONFIG says, and shows it as it is obeyed', () => {
    const files: Readonly<Record<string, string>> = { 'uk.yaml': 'groups: {ops: [a@b]}' };

    const { config, shown } = loadConfig({ UK_CONFIG: 'uk.yaml' }, (path) => files[path] ?? '');

    expect(config.file).toMatchObject({ environments: {}, groups: { ops: ['a@b'] }, notifiers: {} });
    expect(shown).toMatchObject({ UK_CONFIG: 'uk.yaml', file: config.file });
  });

  test('has a file that says nothing without UK_CONFIG, and shows none', () => {
    const { config, shown } = loadConfig({}, noFile);

    expect(config.file).toEqual({ environments: {}, groups: {}, notifiers: {}, clusters: {}, watch: {} });
    expect(shown).not.toHaveProperty('file');
  });

  test('names what begins like ours and means nothing', () => {
    const environment = {
      ...{ UK_PROT: '80', UK_PORT_FILE: '/x', UK_namespace: 'x', PATH: '/bin', UKULELE: '4' },
      ...{ UK_PORT: '80', UK_WEBHOOK_TOKEN_FILE: '' },
    };

    const { unknown } = loadConfig(environment, noFile);

    expect(unknown).toEqual(['UK_PROT', 'UK_PORT_FILE', 'UK_namespace']);
  });
});

describe('UK_WEBHOOK_TOKEN', () => {
  test('of short words is one secret, as it was before there could be several', () => {
    expect(configOf({ UK_WEBHOOK_TOKEN: 'a phrase of short words' }).webhookToken).toEqual([
      'a phrase of short words',
    ]);
  });
});

describe('UK_OIDC_ISSUER', () => {
  test.each(['http://127.0.0.1:8080', 'http://localhost', 'http://[::1]:1'])(
    'may be %s, for tests',
    (url) => {
      expect(configOf({ UK_OIDC_ISSUER: url }).oidcIssuer).toBe(url);
    },
  );
});

describe('one variable alone', () => {
  test('is read as it is with all the others, which may be wrong', () => {
    const environment = { UK_PORT: ' 80 ', UK_INFO: 'maybe', UK_ADMIN_TOKEN_FILE: '/run/token' };

    const read = [variables.port, variables.serviceUrl, variables.adminToken].map((variable) =>
      readVariable<unknown>(variable, environment, () => `${token}\n`),
    );

    expect(read).toEqual([80, undefined, token]);
    expect(() => readVariable(variables.info, environment, noFile)).toThrow(
      expect.objectContaining({
        code: 'bad-config',
        message: expect.stringMatching(/^UK_INFO=maybe is not/),
      }),
    );
  });
});

describe('NAME_FILE', () => {
  const secrets = [
    ...['UK_WEBHOOK', 'UK_WEBHOOK_SECRET', 'UK_APPROVAL_WEBHOOK', 'UK_APPROVAL_WEBHOOK_SECRET'],
    ...['UK_WEBHOOK_TOKEN', 'UK_WEBHOOK_TOKENS'],
    ...[
      'UK_APPROVAL_TOKENS',
      'UK_VOTE_LINK_SECRET',
      'UK_TOKEN',
      'UK_SLACK_BOT_TOKEN',
      'UK_SLACK_APP_TOKEN',
      'UK_SLACK_SIGNING_SECRET',
      'UK_NOTIFY_SLACK_TOKEN',
      'UK_ARTIFACTORY_LOGIN',
      'UK_ADMIN_TOKEN',
    ],
  ];

  test('is there for every secret', () => {
    const names = Object.values(variables).filter(({ secret }) => secret);

    expect(names.map(({ name }) => name)).toEqual(secrets);
  });

  test('gives the text of the file, without the line end', () => {
    const files: Readonly<Record<string, string>> = { '/run/token': `${token}\n` };

    const { config, shown } = loadConfig(
      { UK_WEBHOOK_TOKEN_FILE: '/run/token' },
      (path) => files[path] ?? '',
    );

    expect([config.webhookToken, shown.UK_WEBHOOK_TOKEN]).toEqual([[token], '***']);
  });

  test.each(secrets)('%s_FILE is refused with what it holds unsaid', (name) => {
    const load = () => loadConfig({ [`${name}_FILE`]: '/run/secret' }, () => 'too short');

    expect(load).toThrow(new RegExp(`^${name}_FILE: what is in the file is not allowed; allowed: `));
    expect(load).not.toThrow('too short');
  });

  test.each(secrets)('%s_FILE is refused when its file is empty, by the name that was set', (name) => {
    const load = () => loadConfig({ [`${name}_FILE`]: '/run/secret' }, () => ' \n');

    expect(load).toThrow(new RegExp(`^${name}_FILE: an empty file is not allowed; allowed: `));
  });

  test('is not taken beside the variable itself', () => {
    const load = () => loadConfig({ UK_WEBHOOK_TOKEN: token, UK_WEBHOOK_TOKEN_FILE: '/run/token' }, noFile);

    expect(load).toThrow(
      expect.objectContaining({
        code: 'bad-config',
        message: 'UK_WEBHOOK_TOKEN and UK_WEBHOOK_TOKEN_FILE are both set: keep one of them',
      }),
    );
  });

  test('says why a file cannot be read', () => {
    const cause = new Error('ENOENT: no such file or directory');

    const load = () =>
      loadConfig({ UK_WEBHOOK_TOKEN_FILE: '/run/token' }, () => {
        throw cause;
      });

    expect(load).toThrow(
      expect.objectContaining({
        code: 'bad-config',
        message: 'UK_WEBHOOK_TOKEN_FILE=/run/token cannot be read: ENOENT: no such file or directory',
        cause,
      }),
    );
  });

  test('is not repeated when it is no path: it is probably the secret itself', () => {
    const load = () =>
      loadConfig({ UK_WEBHOOK_TOKEN_FILE: 'canary-token' }, (path) => {
        throw new Error(`ENOENT: no such file or directory, open '${path}'`);
      });

    expect(load).toThrow(
      expect.objectContaining({
        code: 'bad-config',
        message:
          'UK_WEBHOOK_TOKEN_FILE cannot be read; allowed: the path of a file such as /run/token, never the secret itself',
      }),
    );
    expect(load).toThrow(expect.not.objectContaining({ cause: expect.anything() as unknown }));
  });

  test('means nothing for what is no secret, or when it is empty', () => {
    const { config, unknown } = loadConfig({ UK_PORT_FILE: '/run/port', UK_WEBHOOK_TOKEN_FILE: '' }, noFile);

    expect([config.port, config.webhookToken, unknown]).toEqual([8888, undefined, ['UK_PORT_FILE']]);
  });
});

describe('an old name', () => {
  const files: Readonly<Record<string, string>> = { '/run/token': 'xoxb-of-a-file\n', '/run/bad': 'canary' };
  const read = (environment: Environment) => loadConfig(environment, (path) => files[path] ?? '');
  const channel = { SLACK_CHANNEL: 'deploys' };
  const fault = (environment: Environment): unknown => {
    try {
      return read(environment);
    } catch (error) {
      expect(error).toHaveProperty('code', 'bad-config');
      return (error as Error).message;
    }
  };

  test('is there for what the first watcher read', () => {
    const names = Object.values<{ readonly name: string; readonly alias?: string }>(variables)
      .filter(({ alias }) => alias !== undefined)
      .map(({ name, alias }) => [alias, name]);

    expect(names).toEqual([
      ['NAMESPACES', 'UK_WATCH_NAMESPACES'],
      ['SLACK_TOKEN', 'UK_NOTIFY_SLACK_TOKEN'],
      ['SLACK_CHANNEL', 'UK_NOTIFY_SLACK_CHANNEL'],
      ['ARTIFACTORY_URL', 'UK_ARTIFACTORY_URL'],
      ['ARTIFACTORY_LOGIN', 'UK_ARTIFACTORY_LOGIN'],
      ['OWN_NAMESPACE', 'UK_OWN_NAMESPACE'],
      ['KUBE_CONFIG', 'UK_KUBECONFIG'],
    ]);
  });

  test('is read as the new one, which it is shown by, and said', () => {
    const { config, shown, aliases, unknown } = read({
      ...{ NAMESPACES: ' shop till ', SLACK_TOKEN: 'xoxb-canary-1', ...channel, OWN_NAMESPACE: '' },
      UK_ARTIFACTORY_URL: 'https://art.example',
    });

    expect(config).toMatchObject({
      ...{ watchNamespaces: ['shop', 'till'], notifySlackToken: 'xoxb-canary-1' },
      ...{ notifySlackChannel: 'deploys', ownNamespace: 'default-namespace' },
    });
    expect(shown).toMatchObject({ UK_WATCH_NAMESPACES: 'shop till', UK_NOTIFY_SLACK_TOKEN: '***' });
    expect(aliases).toEqual(['NAMESPACES', 'SLACK_TOKEN', 'SLACK_CHANNEL']);
    expect(unknown).toEqual([]);
  });

  test('of a secret may name a file', () => {
    const { config, aliases } = read({ ...channel, SLACK_TOKEN_FILE: '/run/token' });

    expect([config.notifySlackToken, aliases]).toEqual([
      'xoxb-of-a-file',
      ['SLACK_TOKEN', 'SLACK_CHANNEL'].map((name) => name.replace('TOKEN', 'TOKEN_FILE')),
    ]);
  });

  test('says nothing where the new one is set, and is no fault where both say the same', () => {
    const { config, aliases } = read({
      ...{ UK_NOTIFY_SLACK_TOKEN_FILE: '/run/token', SLACK_TOKEN: ' xoxb-of-a-file', ...channel },
      UK_NOTIFY_SLACK_CHANNEL: 'deploys',
    });

    expect([config.notifySlackToken, config.notifySlackChannel]).toEqual(['xoxb-of-a-file', 'deploys']);
    expect(aliases).toEqual([]);
  });

  test.each<[Environment, string]>([
    [
      { UK_NOTIFY_SLACK_CHANNEL: 'canary', ...channel },
      'UK_NOTIFY_SLACK_CHANNEL and SLACK_CHANNEL are both set, and not to the same: keep one of them',
    ],
    [
      { ...channel, UK_NOTIFY_SLACK_TOKEN: 'xoxb-canary-1', SLACK_TOKEN_FILE: '/run/token' },
      'UK_NOTIFY_SLACK_TOKEN and SLACK_TOKEN_FILE are both set, and not to the same: keep one of them',
    ],
    [
      { ...channel, SLACK_TOKEN: 'xoxb-canary-1', SLACK_TOKEN_FILE: '/run/token' },
      'SLACK_TOKEN and SLACK_TOKEN_FILE are both set: keep one of them',
    ],
    [
      { SLACK_CHANNEL: 'two words' },
      'SLACK_CHANNEL=two words is not allowed; allowed: the name or the id of a channel',
    ],
    [
      { SLACK_TOKEN: 'canary' },
      'SLACK_TOKEN=*** is not allowed; allowed: a token that starts with xoxb- or xoxp-',
    ],
    [
      { SLACK_TOKEN_FILE: '/run/bad' },
      'SLACK_TOKEN_FILE: what is in the file is not allowed; allowed: a token that starts with xoxb- or xoxp-',
    ],
  ])('%j stops the start, by the names that were set', (environment, message) => {
    expect(fault(environment)).toBe(message);
  });
});

describe('UK_KUBECONFIG', () => {
  test.each(['', 'auto', 'kubeconfig'])('makes UK_CLUSTER=%s kubeconfig', (cluster) => {
    const { config } = loadConfig({ UK_CLUSTER: cluster, UK_KUBECONFIG: '/run/kubeconfig' }, noFile);

    expect([config.cluster, Object.isFrozen(config)]).toEqual(['kubeconfig', true]);
  });

  test.each(['in-cluster', 'embedded'])('is refused beside UK_CLUSTER=%s', (cluster) => {
    expect(() => loadConfig({ UK_CLUSTER: cluster, KUBE_CONFIG: '/run/kubeconfig' }, noFile)).toThrow(
      expect.objectContaining({
        code: 'bad-config',
        message: `UK_KUBECONFIG (or KUBE_CONFIG) is set, but UK_CLUSTER=${cluster} uses no kubeconfig: keep one of them`,
      }),
    );
  });
});
