import { describe, expect, test } from '@jest/globals';
import type { Documents } from '../../../src/core/documents.ts';
import { guardedChanges } from '../../../src/flows/changes/guarded-changes.ts';
import { createHttp } from '../../../src/lib/http.ts';
import { createArtifactory } from '../../../src/stores/artifactory.ts';
import { createMemoryDocuments } from '../../../src/stores/memory-documents.ts';
import { startArtifactoryServer } from '../../support/artifactory-server.ts';
import { closedAfterEach } from '../../support/closed-after-each.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const { signal } = new AbortController();
const name = 'deployment-events-v2-platform-till.json';
const start = closedAfterEach(startArtifactoryServer);

/** Artifactory, with what is done when it has answered a look. */
async function anArtifactory(looked: () => void) {
  const server = await start();
  const options = { timeoutMs: 10_000, retries: 0, minDelayMs: 0, userAgent: 'updatekate' };
  const { ask } = createHttp({ clock: createFakeClock(), ...options });
  const documents = createArtifactory({
    ...{ url: server.folder, user: server.user, password: server.password },
    http: {
      async ask(request, abort) {
        const answer = await ask(request, abort);
        if (request.method === 'GET') looked();
        return answer;
      },
    },
  });
  return { server, documents };
}

describe('what a leader writes who stands still between its look and its text', () => {
  test.each(['leadership', 'term'] as const)('is not sent any more: the %s is over', async (what) => {
    const over = new AbortController();
    let holds = true;
    const { server, documents } = await anArtifactory(() => {
      if (what === 'leadership') holds = false;
      else over.abort();
    });
    const { cache } = guardedChanges(contextOf(documents), { holds: () => holds }, over.signal);

    await expect(cache.write(name, '{"by":"us"}', undefined, signal)).rejects.toMatchObject({
      code: 'not-leader',
    });

    expect(server.requests.map(({ method }) => method)).toEqual(['GET']);
    expect(server.files.size).toBe(0);
  });

  test('is sent while we lead', async () => {
    const { server, documents } = await anArtifactory(() => undefined);
    const { cache } = guardedChanges(contextOf(documents), { holds: () => true }, signal);

    await cache.write(name, '{"by":"us"}', undefined, signal);

    expect([...server.files.values()]).toEqual(['{"by":"us"}']);
  });
});

test.each(['outbox', 'cache'] as const)(
  'nothing is written to the %s by who leads no more',
  async (which) => {
    const documents = createMemoryDocuments();
    const context = guardedChanges(contextOf(documents), { holds: () => false }, signal);

    await expect(context[which].write(name, '{}', undefined, signal)).rejects.toMatchObject({
      code: 'not-leader',
    });

    expect(await context[which].read(name, signal)).toBeUndefined();
  },
);

function contextOf(documents: Documents) {
  return { outbox: documents, cache: documents, notifiers: [] };
}
