/** A Deployment of apps/v1 as far as tests look at it. */
export interface DeploymentObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    generation?: number;
    resourceVersion?: string;
    annotations?: Record<string, string>;
  };
  spec: {
    replicas: number;
    selector: unknown;
    template: {
      metadata: { labels: Record<string, string> };
      spec: {
        containers: { name: string; image: string }[];
        initContainers?: { name: string; image: string }[];
      };
    };
  };
  status?: { replicas?: number; updatedReplicas?: number; availableReplicas?: number };
}

/** A Deployment of two pods. Containers are given as `name=image`. */
export function aDeployment(
  name: string,
  containers: readonly string[],
  initContainers: readonly string[] = [],
  annotations: Record<string, string> = {},
): DeploymentObject {
  const read = (text: string): { name: string; image: string } => {
    const at = text.indexOf('=');
    return { name: text.slice(0, at), image: text.slice(at + 1) };
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, annotations },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: {
          containers: containers.map(read),
          ...(initContainers.length > 0 ? { initContainers: initContainers.map(read) } : {}),
        },
      },
    },
  };
}
