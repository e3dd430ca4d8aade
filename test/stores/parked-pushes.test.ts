import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { createMemoryParkedPushes } from '../../src/stores/memory-parked-pushes.ts';
import { createParkedPushes } from '../../src/stores/parked-pushes.ts';
import { parkedPushesContract } from '../contract/parked-pushes.ts';

const root = mkdtempSync(join(tmpdir(), 'updatekate-parked-'));
const pushes = [{ repository: 'quay.io/acme/shop', tag: '1.1.0', digest: null }];
let folders = 0;

function newFolder(): string {
  return join(root, String(++folders));
}

afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

parkedPushesContract('memory', createMemoryParkedPushes);
parkedPushesContract('sqlite', () => createParkedPushes(newFolder()));

describe('sqlite', () => {
  test('opened again, they are there', async () => {
    const folder = newFolder();
    const before = createParkedPushes(folder);
    await before.keep(pushes);
    await before.close();

    const after = createParkedPushes(folder);

    expect(await after.all()).toMatchObject([{ pushes }]);
    await after.close();
  });

  test('a folder that cannot be used is refused by name', () => {
    const file = join(root, 'a-file');
    writeFileSync(file, '');

    expect(() => createParkedPushes(join(file, 'data'))).toThrow(
      expect.objectContaining({ code: 'bad-config' }),
    );
  });

  test('what cannot be written is unavailable, and so is what comes after closing', async () => {
    const parked = createParkedPushes(newFolder());
    await parked.close();

    await expect(parked.keep(pushes)).rejects.toMatchObject({ code: 'unavailable' });
    await expect(parked.all()).rejects.toMatchObject({ code: 'unavailable' });
  });
});
