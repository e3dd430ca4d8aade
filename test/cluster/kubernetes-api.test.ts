import { Agent, fetch } from 'undici';
import { kubernetesApiContract } from '../contract/kubernetes-api.ts';
import { testCluster } from './test-cluster.ts';

kubernetesApiContract('a real control plane', async () => {
  const { server, caPem, adminToken, stop } = await testCluster();
  const dispatcher = new Agent({ connect: caPem === undefined ? {} : { ca: caPem } });
  const authorized = (url: string, init: { readonly headers?: Record<string, string> } = {}) =>
    fetch(url, {
      ...init,
      dispatcher,
      headers: {
        ...init.headers,
        ...(adminToken !== undefined && { authorization: `Bearer ${adminToken}` }),
      },
    });
  return {
    baseUrl: server,
    // The one fetch that takes the authority of a cluster; it differs from the global one in its types only.
    fetch: authorized as unknown as typeof globalThis.fetch,
    close: async () => {
      await dispatcher.close();
      await stop();
    },
  };
});
