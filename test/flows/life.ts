import type { Cluster } from '../../src/core/ports.ts';
import type { FlowContext } from '../../src/flows/context.ts';

/** The life of a process, in its calls that have an effect; it may end before or after each of them. */
export interface Life {
  /** `before …` and `after …` of every call, in order. */
  readonly calls: readonly string[];
  /** Resolves when it ends, if it does. */
  readonly died: Promise<'died'>;
  /** Passes a call, or never returns from it: what a killed process looks like from outside. */
  step<T>(name: string, call: () => Promise<T>): Promise<T>;
}

/**
 * A life of so many steps.
 *
 * @param meanwhile what others do while the process is at this step, which is the last thing that it lives to see.
 */
export function lifeOf(steps: number, meanwhile: (at: number) => Promise<void> = nothing): Life {
  const calls: string[] = [];
  const never = new Promise<never>(() => undefined);
  const { promise: died, resolve: die } = Promise.withResolvers<'died'>();
  const reach = async (name: string): Promise<void> => {
    const at = calls.push(name) - 1;
    await meanwhile(at);
    if (at < steps) return;
    die('died');
    await never;
  };
  return {
    ...{ calls, died },
    async step(name, call) {
      await reach(`before ${name}`);
      const result = await call();
      await reach(`after ${name}`);
      return result;
    },
  };
}

const nothing = (): Promise<void> => Promise.resolve();

/** The parts of a process that dies as `life` says. */
export function mortal(
  life: Life,
  { store, receivers }: FlowContext,
): Pick<FlowContext, 'store' | 'receivers'> {
  return {
    store: {
      ...store,
      replace: (update, revision) => {
        const votes = update.approval ? ` with ${update.approval.given.length} votes` : '';
        const told = update.announcements.at(-1)?.state ?? 'none';
        return life.step(`write ${update.phase}/${told}${votes}`, () => store.replace(update, revision));
      },
    },
    receivers: receivers.map((receiver) => ({
      ...receiver,
      tell: (update, event, signal) => life.step(`tell ${event}`, () => receiver.tell(update, event, signal)),
    })),
  };
}

/** The cluster as such a process has it. */
export function mortalCluster(life: Life, port: Cluster): Cluster {
  return {
    ...port,
    patchImages: (patch, signal) => life.step('patch', () => port.patchImages(patch, signal)),
  };
}
