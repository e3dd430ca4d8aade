/** A cluster as the suite talks to it: the Kubernetes API on HTTP, nothing else. */
export interface OpenCluster {
  readonly baseUrl: string;
  /** Adds what the cluster asks for: credentials, authorities. */
  readonly fetch: typeof globalThis.fetch;
  close(): Promise<void>;
}

/** What the suite reads of any object, list or Status. */
export interface Thing {
  readonly kind?: string;
  readonly apiVersion?: string;
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly generation?: number;
    readonly creationTimestamp?: string;
    readonly continue?: string;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly labels?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly { readonly kind: string; readonly uid: string }[];
  };
  readonly spec: {
    readonly replicas?: number;
    readonly holderIdentity?: string;
    readonly containers: readonly Container[];
    readonly template: { readonly spec: { readonly containers: readonly Container[] } };
    readonly [field: string]: unknown;
  };
  readonly status: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly readyReplicas?: number;
    readonly availableReplicas?: number;
    readonly unavailableReplicas?: number;
    readonly currentReplicas?: number;
    readonly currentRevision?: string;
    readonly updateRevision?: string;
    readonly currentNumberScheduled?: number;
    readonly desiredNumberScheduled?: number;
    readonly numberReady?: number;
    readonly updatedNumberScheduled?: number;
    readonly numberAvailable?: number;
    readonly numberUnavailable?: number;
    readonly selector?: string;
    readonly phase?: string;
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason?: string;
    }[];
    readonly containerStatuses?: readonly {
      readonly restartCount: number;
      readonly state: { readonly waiting?: { readonly reason: string; readonly message?: string } };
    }[];
  };
  readonly items: readonly Thing[];
  /** Of a ControllerRevision. */
  readonly revision?: number;
  readonly code?: number;
  readonly reason?: string;
  readonly message?: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

interface Container {
  readonly name: string;
  readonly image: string;
}

export interface Answer {
  readonly status: number;
  readonly body: Thing;
}

export interface WatchEvent {
  readonly type: string;
  readonly object: Thing;
}

interface TableHead {
  readonly columnDefinitions: readonly { readonly name: string; readonly priority: number }[];
}

const deadlineMs = 60_000;
/** How long a test that waits for pods may take. */
export const testMs = 2 * deadlineMs;
const json = 'application/json';
export const jsonPatch = 'application/json-patch+json';
export const mergePatch = 'application/merge-patch+json';
export const strategicPatch = 'application/strategic-merge-patch+json';

export type Client = ReturnType<typeof createClient>;

/** The calls the product makes, and those the suite needs to see what came of them. */
export function createClient({ baseUrl, fetch }: OpenCluster) {
  const call = async (
    method: string,
    path: string,
    body?: unknown,
    type = json,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> => {
    const response = await fetch(`${baseUrl}${path}`, {
      method,
      headers: { accept: json, ...(body === undefined ? {} : { 'content-type': type }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      signal: AbortSignal.timeout(deadlineMs),
    });
    return { status: response.status, body: (await response.json()) as Thing };
  };
  const ok = async (method: string, path: string, body?: unknown, type?: string): Promise<Thing> => {
    const answer = await call(method, path, body, type);
    if (answer.status > 299) throw new Error(`${method} ${path}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  /** The events of a watch up to the first that `isLast`, or to the end of the stream. */
  const watch = async (path: string, isLast: (event: WatchEvent) => boolean): Promise<WatchEvent[]> => {
    const stop = new AbortController();
    const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(deadlineMs)]);
    const url = `${baseUrl}${path}${path.includes('?') ? '&' : '?'}watch=true`;
    const response = await fetch(url, { headers: { accept: json }, signal });
    const events: WatchEvent[] = [];
    for await (const event of eventsOf(response)) {
      events.push(event);
      if (isLast(event)) break;
    }
    stop.abort();
    return events;
  };
  /** Watches until an object is as wanted. */
  const until = async (path: string, isWanted: (object: Thing) => boolean): Promise<Thing> => {
    const [collection, name] = [path.slice(0, path.lastIndexOf('/')), path.slice(path.lastIndexOf('/') + 1)];
    const selector = `?fieldSelector=metadata.name%3D${name}`;
    const events = await watch(`${collection}${selector}`, (event) => isWanted(event.object));
    const last = events.at(-1)?.object;
    if (!last || !isWanted(last)) throw new Error(`the watch of ${path} ended before it was as wanted`);
    return last;
  };
  /** Watches the pods or whatever `path` lists until all that are there are gone. */
  const untilGone = async (path: string): Promise<void> => {
    const { items, metadata } = await ok('GET', path);
    const gone = new Set<string>();
    if (items.length === 0) return;
    const from = `${path}${path.includes('?') ? '&' : '?'}resourceVersion=${metadata.resourceVersion}`;
    await watch(from, ({ type, object }) => {
      if (type === 'DELETED') gone.add(object.metadata.uid);
      return items.every((item) => gone.has(item.metadata.uid));
    });
  };
  /** The columns that `kubectl get` prints, those of `-o wide` in brackets. */
  const columns = async (path: string): Promise<string> => {
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
    const response = await fetch(`${baseUrl}${path}`, {
      headers: { accept },
      signal: AbortSignal.timeout(deadlineMs),
    });
    const { columnDefinitions } = (await response.json()) as TableHead;
    return columnDefinitions.map(({ name, priority }) => (priority > 0 ? `(${name})` : name)).join(', ');
  };
  return { call, ok, watch, until, untilGone, columns };
}

async function* eventsOf(response: Response): AsyncGenerator<WatchEvent> {
  if (!response.ok || !response.body) throw new Error(`watch: ${response.status} ${await response.text()}`);
  let rest = '';
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield JSON.parse(line) as WatchEvent;
  }
}

/** A patch of the first container's image. */
export function imagePatch(image: string, metadata?: object) {
  return {
    ...(metadata && { metadata }),
    spec: { template: { spec: { containers: [{ name: 'app', image }] } } },
  };
}

/** The images in a workload's template. */
export function imagesOf(thing: Thing): readonly string[] {
  return thing.spec.template.spec.containers.map(({ image }) => image);
}

/** Why a pod's container waits. */
export function waitingReason({ status }: Thing): string | undefined {
  return status.containerStatuses?.find(({ state }) => state.waiting)?.state.waiting?.reason;
}
