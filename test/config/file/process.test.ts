import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { aFolder } from '../../support/running-service.ts';

let folder: ReturnType<typeof aFolder>;
beforeEach(() => {
  folder = aFolder();
});
afterEach(() => folder.remove());

/** The service as it is shipped, with this file; it ends by itself, because its manifests are not there. */
async function start(file: string) {
  const path = join(folder.path, 'updatekate.yaml');
  writeFileSync(path, file);
  const env = {
    ...{ PATH: process.env.PATH, UK_CONFIG: path, UK_PORT: '0', UK_EMBEDDED_PORT: '0' },
    ...{ UK_CLUSTER: 'embedded', UK_STORE: 'memory', UK_EMBEDDED_MANIFESTS: '/nowhere' },
  };
  const child = spawn(process.execPath, ['src/main.ts'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [exit, out, err] = await Promise.all([once(child, 'exit'), text(child.stdout), text(child.stderr)]);
  return { code: exit[0] as number, out, err, path };
}

test('a wrong file stops the start: a line for each fault, exit code 2', async () => {
  const { code, out, err, path } = await start(
    'environments: {prod: {namespaces: [shop], aprovals: 2}}\nx: hunter2\n',
  );

  expect([code, out]).toEqual([2, '']);
  expect(err).toBe(
    `updatekate: ${path}: environments.prod.aprovals: unknown; allowed: namespaces, approvals\n` +
      `${path}: x: unknown; allowed: environments, groups, notifiers, clusters, watch\n`,
  );
});

test('a file is shown at the start, as it is obeyed', async () => {
  const { out, err, path } = await start(
    'environments: {prod: {namespaces: [shop], approvals: {approvers: [group:ops], deadline: 4h}}}\ngroups: {ops: [a@b]}\n',
  );

  expect(err).toContain('UK_EMBEDDED_MANIFESTS=/nowhere cannot be read');
  expect(JSON.parse(out.split('\n')[0] ?? '')).toMatchObject({
    msg: 'updatekate starts',
    config: {
      UK_CONFIG: path,
      file: {
        environments: {
          prod: {
            namespaces: ['shop'],
            approvals: { votes: 1, approvers: ['group:ops'], deadlineMs: 14_400_000 },
          },
        },
        groups: { ops: ['a@b'] },
      },
    },
  });
});
