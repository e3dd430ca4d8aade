import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { connect, type ClusterSource } from '../../src/cluster/connect.ts';

const folder = mkdtempSync(join(tmpdir(), 'updatekate-connect-'));
const kubeconfig = join(folder, 'config');
const before = { ...process.env };

const yaml = `
apiVersion: v1
kind: Config
clusters:
  - name: prod
    cluster: { server: 'https://prod.example.com:6443' }
  - name: staging
    cluster: { server: 'https://staging.example.com:6443' }
users:
  - name: robot
    user: { token: token-canary }
contexts:
  - name: prod
    context: { cluster: prod, user: robot }
  - name: staging
    context: { cluster: staging, user: robot }
current-context: staging
`;

beforeEach(() => {
  writeFileSync(kubeconfig, yaml);
  process.env.KUBECONFIG = kubeconfig;
  process.env.HOME = folder;
});

afterEach(() => {
  process.env = { ...before };
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** What `connect` throws, as text with its code. */
function refusal(source: 'auto' | 'in-cluster' | 'kubeconfig' | ClusterSource): string {
  try {
    connect(typeof source === 'string' ? { kind: source } : source);
  } catch (error) {
    return `${(error as { readonly code?: string }).code ?? ''} ${String(error)}`;
  }
  return 'nothing was thrown';
}

describe('connect', () => {
  test('an address needs nothing else', () => {
    const config = connect({ kind: 'url', url: 'http://127.0.0.1:8001' });

    expect(config.getCurrentCluster()).toMatchObject({ server: 'http://127.0.0.1:8001' });
    expect(config.getCurrentUser()).toMatchObject({ name: 'nobody' });
  });

  test.each(['kubeconfig', 'auto'] as const)('%s takes the current context of KUBECONFIG', (kind) => {
    const config = connect({ kind });

    expect(config.getCurrentCluster()?.server).toBe('https://staging.example.com:6443');
    expect(config.getCurrentUser()?.token).toBe('token-canary');
  });

  test('a file that is not there is a wrong configuration', () => {
    process.env.KUBECONFIG = join(folder, 'nowhere');

    expect(refusal('kubeconfig')).toMatch(/^bad-config .*nowhere/);
  });

  test.each(['a: [b', 'just text', '{}', 'clusters: 7'])(
    'a file that is no kubeconfig (%s) is a wrong configuration, or has no cluster',
    (text) => {
      writeFileSync(kubeconfig, text);

      const outcome = refusal('kubeconfig');

      // A file that is YAML but says nothing is found out when the first call is made: it names no cluster.
      if (outcome === 'nothing was thrown') {
        expect(connect({ kind: 'kubeconfig' }).getCurrentCluster()).toBeNull();
      } else {
        expect(outcome).toMatch(/^bad-config /);
      }
    },
  );

  test('a broken file is not quoted: it may hold a token', () => {
    writeFileSync(kubeconfig, `${yaml}\n  token: [token-canary`);

    expect(refusal('kubeconfig')).toMatch(/^bad-config /);
    expect(refusal('kubeconfig')).not.toContain('canary');
  });

  test.each([
    ['http://127.0.0.1:8001', true],
    ['https://127.0.0.1:8001', false],
  ])('of a kubeconfig with the server %s leaves TLS unverified: %s', (server, skipped) => {
    writeFileSync(kubeconfig, yaml.replace('https://staging.example.com:6443', server));

    const ours = [connect({ kind: 'kubeconfig' }), connect({ kind: 'file', file: kubeconfig })];

    expect(ours.map((config) => config.getCurrentCluster()?.server)).toEqual([server, server]);
    // client-node has no other way to speak plain HTTP.
    expect(ours.map((config) => Boolean(config.getCurrentCluster()?.skipTLSVerify))).toEqual([
      skipped,
      skipped,
    ]);
  });

  test.each(['nonsense', 'joe:canary@prod:6443', 'ftp://canary'])(
    'a kubeconfig with the server %s is a wrong configuration, named and not quoted',
    (server) => {
      writeFileSync(kubeconfig, yaml.replace('https://staging.example.com:6443', server));
      const why = 'the server of its cluster staging is not allowed; allowed: an http or https URL';

      const [own, ofFile] = [refusal('kubeconfig'), refusal({ kind: 'file', file: kubeconfig })];

      expect(own).toMatch(/^bad-config /);
      expect(own).toContain(`kubernetes: cannot load the configuration: ${why}`);
      expect(ofFile).toContain(`kubernetes: cannot load ${kubeconfig}: ${why}`);
      expect([own, ofFile].join('')).not.toContain('canary');
    },
  );

  test.each(['kubeconfig', 'auto'] as const)('%s without any kubeconfig is a wrong configuration', (kind) => {
    delete process.env.KUBECONFIG;

    expect(refusal(kind)).toMatch(/^bad-config .*KUBECONFIG/);
  });

  test('in-cluster outside of a pod is a wrong configuration', () => {
    // Where these tests do run in a pod, there is a token, and nothing to refuse.
    const inPod = existsSync('/var/run/secrets/kubernetes.io/serviceaccount/token');

    expect(refusal('in-cluster')).toMatch(inPod ? /^nothing/ : /^bad-config .*token is not there/);
  });
});

describe('a file that is named', () => {
  const file = join(folder, 'east.yaml');
  const east = (context?: string): ClusterSource => ({ kind: 'file', file, context });

  beforeEach(() => {
    writeFileSync(file, yaml);
    // What the environment says does not matter then.
    process.env.KUBECONFIG = join(folder, 'nowhere');
  });

  test('gives its current context', () => {
    const config = connect(east());

    expect(config.getCurrentCluster()?.server).toBe('https://staging.example.com:6443');
    expect(config.getCurrentUser()?.token).toBe('token-canary');
  });

  test('gives the context that is asked for', () => {
    const config = connect(east('prod'));

    expect(config.getCurrentContext()).toBe('prod');
    expect(config.getCurrentCluster()?.server).toBe('https://prod.example.com:6443');
  });

  test('without that context says which there are', () => {
    const outcome = refusal(east('west'));

    expect(outcome).toMatch(/^bad-config /);
    expect(outcome).toContain(`cannot load ${file}: it has no context west; it has: prod, staging`);
    expect(outcome).not.toContain('canary');
  });

  test.each([
    ['that is not there', undefined, 'no such file'],
    ['that is no YAML', `${yaml}\n  token: [token-canary`, ''],
    ['that says nothing', '{}', 'its current context names no cluster'],
    ['that has a list where none belongs', 'clusters: token-canary', ''],
    ['with a user only', 'users: [{ name: robot, user: { token: token-canary } }]', 'names no cluster'],
    [
      'whose current context is none of its own',
      yaml.replace('current-context: staging', 'current-context: token-canary'),
      'its current context names no cluster',
    ],
    [
      'whose context names a cluster that is not in it',
      yaml.replace('context: { cluster: staging, user', 'context: { cluster: token-canary, user'),
      'its current context names no cluster',
    ],
  ])('%s is a wrong configuration, named and not quoted', (_what, text, words) => {
    if (text === undefined) rmSync(file);
    else writeFileSync(file, text);

    const outcome = refusal(east());

    expect(outcome).toMatch(/^bad-config /);
    expect(outcome).toContain(`cannot load ${file}: `);
    expect(outcome).toContain(words);
    expect(outcome).not.toContain('canary');
    expect(outcome).not.toContain('\n');
  });
});
