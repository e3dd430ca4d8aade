import type { Deployment } from './objects.ts';

/** How far a rollout may stray from the wanted number of pods, in pods. */
export interface Limits {
  readonly replicas: number;
  readonly maxSurge: number;
  readonly maxUnavailable: number;
}

/** The limits of a Deployment: percents resolved, surge upwards and unavailability downwards, never both 0. */
export function limitsOf({ spec }: Deployment): Limits {
  const replicas = spec.replicas ?? 1;
  if (spec.strategy?.type === 'Recreate') return { replicas, maxSurge: 0, maxUnavailable: 0 };
  const { maxSurge = '25%', maxUnavailable = '25%' } = spec.strategy?.rollingUpdate ?? {};
  const surge = Math.ceil(pods(maxSurge, replicas));
  const unavailable = Math.min(Math.floor(pods(maxUnavailable, replicas)), replicas);
  const stuck = surge === 0 && unavailable === 0;
  return { replicas, maxSurge: surge, maxUnavailable: stuck ? Math.min(1, replicas) : unavailable };
}

function pods(amount: number | string, replicas: number): number {
  return typeof amount === 'number' ? amount : (Number.parseInt(amount, 10) * replicas) / 100;
}
