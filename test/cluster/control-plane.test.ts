import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startControlPlane, type ControlPlane } from './control-plane.ts';
import { isOwnCluster } from './own-cluster.ts';
import { waitFor } from './wait-for.ts';

// With a given cluster there is no control plane of ours to test.
const describeOwn = isOwnCluster ? describe : describe.skip;

describeOwn('control plane', () => {
  let cluster: ControlPlane;
  const kubectl = (...args: string[]) => cluster.kubectl(args);

  beforeAll(async () => {
    cluster = await startControlPlane();
    await kubectl('create', 'deployment', 'web', '--image=example.test/web:1.0', '--replicas=2');
    await kubectl('rollout', 'status', 'deployment/web', '--timeout=15s');
  });

  afterAll(() => cluster.stop());

  test('calls itself the version it was built from', async () => {
    const version = await kubectl('version');

    expect(version).toMatch(/Server Version: v1\.\d+\.\d+$/m);
  });

  test('rolls out, scales and ends pods in seconds', async () => {
    await kubectl('set', 'image', 'deployment/web', 'web=example.test/web:1.1');
    await kubectl('scale', 'deployment/web', '--replicas=3');
    await kubectl('rollout', 'status', 'deployment/web', '--timeout=15s');
    await kubectl('scale', 'deployment/web', '--replicas=2');

    const images = await pods((names) => names.length === 2);
    expect(images).toEqual(['Running true example.test/web:1.1', 'Running true example.test/web:1.1']);
  });

  test.each([
    ['broken', 'Pending', 'ImagePullBackOff'],
    ['crash', 'Running', 'CrashLoopBackOff'],
  ])('never gets a pod with the tag %s ready', async (tag, phase, reason) => {
    const before = await kubectl('get', 'deployment/web', '-o=jsonpath={..image}');
    await kubectl('set', 'image', 'deployment/web', `web=example.test/web:2-${tag}`);

    const lines = await pods((all) => all.some((line) => line.includes(reason)));
    await kubectl('rollout', 'undo', 'deployment/web');
    await kubectl('rollout', 'status', 'deployment/web', '--timeout=15s');

    expect(lines).toContain(`${phase} false example.test/web:2-${tag} ${reason}`);
    expect(lines.filter((line) => line === `Running true ${before}`)).toHaveLength(2);
  });

  test('counts the restarts of a crashing pod', async () => {
    await kubectl('run', 'crashing', '--image=example.test/web:crash');

    const restarts = await waitFor('three restarts', 10_000, async () => {
      const count = Number(await kubectl('get', 'pod/crashing', '-o=jsonpath={..restartCount}'));
      return count >= 3 ? count : undefined;
    });
    await kubectl('delete', 'pod/crashing', '--timeout=10s');

    expect(restarts).toBeGreaterThanOrEqual(3);
  });

  test('lets a service account do what its role allows and no more', async () => {
    await kubectl('create', 'serviceaccount', 'reader');
    await kubectl('create', 'role', 'reader', '--verb=get', '--resource=deployments');
    await kubectl('create', 'rolebinding', 'reader', '--role=reader', '--serviceaccount=default:reader');
    const token = (await kubectl('create', 'token', 'reader')).trim();
    // The administrator's kubeconfig carries a token of its own, which would win.
    const asReader = (...args: string[]) =>
      kubectl(
        '--kubeconfig=/dev/null',
        `--server=${cluster.server}`,
        '--insecure-skip-tls-verify',
        `--token=${token}`,
        ...args,
      );

    const read = await asReader('get', 'deployment/web', '-o=name');

    expect(read.trim()).toBe('deployment.apps/web');
    await expect(asReader('scale', 'deployment/web', '--replicas=5')).rejects.toThrow('Forbidden');
    await expect(asReader('get', 'secrets')).rejects.toThrow('Forbidden');
  });

  test('survives the death of its API server', async () => {
    const before = await kubectl('get', 'deployment/web', '-o=jsonpath={.metadata.uid}');
    await cluster.apiServer.kill('SIGKILL');
    await expect(kubectl('get', 'nodes')).rejects.toThrow('refused');
    await cluster.apiServer.start();

    const after = await kubectl('get', 'deployment/web', '-o=jsonpath={.metadata.uid}');
    await kubectl('set', 'image', 'deployment/web', 'web=example.test/web:3.0');
    await kubectl('rollout', 'status', 'deployment/web', '--timeout=30s');

    expect(after).toBe(before);
  });

  /** One line a pod of web, `phase ready image [reason]`, sorted, as soon as `enough` of them say so. */
  function pods(enough: (lines: string[]) => boolean): Promise<string[]> {
    const fields = '{.status.phase} {..ready} {.spec..image} {..waiting.reason}';
    return waitFor('pods', 15_000, async () => {
      const listed = await kubectl(
        'get',
        'pods',
        '-l=app=web',
        `-o=jsonpath={range .items[*]}${fields}{"\\n"}{end}`,
      );
      const lines = listed
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== '')
        .sort();
      return enough(lines) ? lines : undefined;
    });
  }
});

describeOwn('the end of a control plane', () => {
  test('stop leaves no process and no file', async () => {
    const cluster = await startControlPlane({ nodes: 1 });
    const dir = dirname(cluster.kubeconfigPath);
    const during = await processesOf(dir);

    await cluster.stop();
    await cluster.stop();

    // etcd, three of Kubernetes, kwok and the reaper.
    expect(during).toHaveLength(6);
    expect(existsSync(dir)).toBe(false);
    expect(await processesOf(dir)).toEqual([]);
  });

  test('a killed parent leaves no process and no file', async () => {
    const script = fileURLToPath(new URL('up.ts', import.meta.url));
    const parent = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(createInterface(parent.stdout), 'line')) as [string];
    const dir = dirname(line.replace('export KUBECONFIG=', ''));
    expect(await processesOf(dir)).toHaveLength(6);

    parent.kill('SIGKILL');

    const left = await waitFor('the end of all processes', 10_000, async () => {
      const processes = await processesOf(dir);
      return processes.length === 0 && !existsSync(dir) ? processes : undefined;
    });
    expect(left).toEqual([]);
  });

  async function processesOf(dir: string): Promise<string[]> {
    const { stdout } = await promisify(execFile)('ps', ['-A', '-ww', '-o', 'args=']);
    return stdout.split('\n').filter((line) => line.includes(dir));
  }
});
