import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { StoredUpdate } from '../contract/approved-job.ts';
import { mainJobContract } from '../contract/main-job.ts';
import { openEmbedded } from '../support/embedded-access.ts';

mainJobContract('the embedded cluster', async () => {
  const { kubeconfigPath, call: api, newNamespace, close } = await openEmbedded();
  const namespace = 'main-job';
  await newNamespace(namespace);
  process.env.KUBECONFIG = kubeconfigPath;
  return { environment: { UK_CLUSTER: 'kubeconfig' }, namespace, api, record: recordOnDisk, close };
});

/** Without a cluster's store, the service keeps its updates in a file. */
async function recordOnDisk(name: string, dataFolder: string): Promise<StoredUpdate> {
  const db = new DatabaseSync(join(dataFolder, 'updatekate.db'), { readOnly: true });
  try {
    const row = db.prepare('SELECT body FROM updates WHERE name = ?').get(name);
    return await Promise.resolve(JSON.parse(String(row?.body)) as StoredUpdate);
  } finally {
    db.close();
  }
}
