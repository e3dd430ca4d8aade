/** By what the elements of a list are told apart. */
interface ListKeys {
  /** In a strategic merge patch. */
  readonly merge: string;
  /** For the owners of fields, where that is not the same; a key that is left out has the value given here. */
  readonly owned?: Readonly<Record<string, string | undefined>>;
}

/**
 * Lists that merge by a key. Only one list of a name occurs in the kinds served here.
 * https://kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch
 */
const lists: Readonly<Record<string, ListKeys>> = {
  containers: { merge: 'name' },
  initContainers: { merge: 'name' },
  ephemeralContainers: { merge: 'name' },
  containerStatuses: { merge: 'name' },
  env: { merge: 'name' },
  volumes: { merge: 'name' },
  imagePullSecrets: { merge: 'name' },
  ports: { merge: 'containerPort', owned: { containerPort: undefined, protocol: 'TCP' } },
  volumeMounts: { merge: 'mountPath' },
  volumeDevices: { merge: 'devicePath' },
  topologySpreadConstraints: {
    merge: 'topologyKey',
    owned: { topologyKey: undefined, whenUnsatisfiable: undefined },
  },
  hostAliases: { merge: 'ip' },
  conditions: { merge: 'type' },
  ownerReferences: { merge: 'uid' },
};

/** The key by which a strategic merge patch finds the elements of a list. */
export function mergeKeyOf(field: string): string | undefined {
  return keysOf(field)?.merge;
}

/** The keys of a list whose elements may have different owners, each with the value of an element that leaves it out. */
export function ownedKeysOf(field: string): Readonly<Record<string, string | undefined>> | undefined {
  const keys = keysOf(field);
  return keys && (keys.owned ?? { [keys.merge]: undefined });
}

function keysOf(field: string): ListKeys | undefined {
  return Object.hasOwn(lists, field) ? lists[field] : undefined;
}
