import { existsSync, readdirSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { requesterContract } from '../contract/requester.ts';
import { requesterKits } from './kits.ts';

const root = new URL('../../', import.meta.url);
const files = readdirSync(new URL('src/approvals/', root))
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -'.ts'.length));

test.each(files)('%s keeps the contract of requesters, and has a page', (name) => {
  expect(Object.keys(requesterKits)).toContain(name);
  expect(existsSync(new URL(`docs/approvals/${name}.md`, root))).toBe(true);
});

for (const [name, start] of Object.entries(requesterKits)) requesterContract(name, start);
