import type { JsonObject } from './json.ts';

/** A small shop to play with: what the embedded cluster runs when nobody says otherwise. */
export const sampleShop: readonly JsonObject[] = [
  deployment('shop', { image: 'quay.io/updatekate/shop:1.0.0', policy: 'semver', replicas: 2 }),
  deployment('cart', { image: 'quay.io/updatekate/cart:2.3.1-alpine', policy: 'minor', replicas: 1 }),
  deployment('payments', { image: 'quay.io/updatekate/payments:2026.10.1', policy: 'calver', replicas: 1 }),
];

interface Sample {
  readonly image: string;
  readonly policy: string;
  readonly replicas: number;
}

function deployment(name: string, { image, policy, replicas }: Sample): JsonObject {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'default', labels, annotations: { 'updatekate.dev/policy': policy } },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name, image }] } },
    },
  };
}
