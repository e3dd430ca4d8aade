import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { connect } from '../../src/cluster/connect.ts';

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
function refusal(kind: 'auto' | 'in-cluster' | 'kubeconfig'): string {
  try {
    connect({ kind });
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
