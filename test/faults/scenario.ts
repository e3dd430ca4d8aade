import type { Allowance } from './evidence.ts';
import type { Installation, InstallationOptions } from './installation.ts';
import type { Lab } from './lab.ts';

/** One way to break things. */
export interface Scenario {
  readonly name: string;
  /** Breaks what others need too, so it runs alone. */
  readonly alone?: true;
  readonly installation: Omit<InstallationOptions, 'name'>;
  readonly allowance?: Allowance;
  /** Why it cannot be run here. */
  skip?(lab: Lab): string | undefined;
  /** Breaks things under pushes. What must hold in every scenario is checked after it, by others. */
  run(site: Site): Promise<Breakage>;
}

/** Where a scenario runs. */
export interface Site extends Installation {
  readonly lab: Lab;
  /** Says on the console what is going on. */
  say(what: string): void;
}

/** What a scenario did, and what it saw. */
export interface Breakage {
  /** What was broken; a scenario that broke less than it meant to has failed. */
  readonly broken: readonly Count[];
  /** What its own checks found wrong. */
  readonly violations: readonly string[];
  /** Figures worth printing, such as `take-over 3.1 s`. */
  readonly figures?: readonly string[];
}

export interface Count {
  readonly what: string;
  readonly count: number;
  readonly atLeast: number;
}

/** A lone replica has nobody who could take over. */
export function needsTwo({ options }: Lab): string | undefined {
  if (options.store === 'kubernetes' && options.replicas > 1) return undefined;
  return 'needs two replicas and the store in Kubernetes';
}

/** Steps in the records can be seen only where records are written to the API server. */
export function needsRecords({ options }: Lab): string | undefined {
  return options.store === 'kubernetes' ? undefined : 'needs the store in Kubernetes';
}

/** How long what is promised within `promisedMs` may take: twice that where times are only counted. */
export function timeLimitMs({ options }: Lab, promisedMs: number): number {
  return options.judgeTimes ? promisedMs : 2 * promisedMs;
}
