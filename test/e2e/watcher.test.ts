import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { watcherJobContract } from '../contract/watcher-job.ts';
import { openEmbedded } from '../support/embedded-access.ts';

watcherJobContract('the embedded cluster', async () => {
  const { kubeconfigPath, call: api, newNamespace, close } = await openEmbedded();
  const namespace = 'watched';
  await newNamespace(namespace);
  const environment = { UK_KUBECONFIG: kubeconfigPath };
  return {
    environment: { all: environment, notify: environment },
    ...{ namespace, api, close },
    kept: (folder) => Promise.resolve(documentsIn(folder)),
  };
});

/** Without a cluster's store, they are in a file. */
function documentsIn(folder: string): string {
  const path = join(folder, 'documents.db');
  if (!existsSync(path)) return '';
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    return JSON.stringify(db.prepare('SELECT name, body FROM documents').all());
  } finally {
    db.close();
  }
}
