import { waitFor } from '../../cluster/wait-for.ts';
import type { Scenario, Site } from '../scenario.ts';
import { isEnded } from '../records.ts';
import { imageOf } from '../tags.ts';
import { steps, type Step } from './steps.ts';

const hitMs = 60_000;
/** A lease that has to run out first, and a webhook's third try. */
const doneMs = 60_000;

/** One SIGKILL at each named step, before it and after it: one scenario for each kind of step. */
export const killAtSteps: readonly Scenario[] = [...Map.groupBy(steps, ({ kind }) => kind)].map(
  ([kind, own]) => ({
    name: `kill-at-${kind}`,
    installation: { deployments: own.length },
    skip: ({ options }) =>
      stepsFor(own, options.store).length > 0 ? undefined : 'needs the store in Kubernetes',
    async run(site) {
      const { store, rounds } = site.lab.options;
      const chosen = stepsFor(own, store);
      const missed: string[] = [];
      for (let round = 0; round < rounds; round++) {
        for (const [at, step] of chosen.entries()) {
          if (!(await killAt(site, step, site.deployments[at] ?? ''))) missed.push(step.name);
        }
      }
      const wanted = chosen.length * rounds;
      return {
        broken: [{ what: 'steps', count: wanted - missed.length, atLeast: wanted }],
        violations: missed.map((name) => `never came to "${name}"`),
      };
    },
  }),
);

function stepsFor(own: readonly Step[], store: string): readonly Step[] {
  return own.filter(({ ofRecords }) => !ofRecords || store === 'kubernetes');
}

/** Whether the step was reached. Waits until what was pushed is done all the same. */
async function killAt(site: Site, step: Step, deployment: string): Promise<boolean> {
  const armed = step.arm(site);
  const tags = await step.provoke(site, deployment);
  const hit = await waitFor(step.name, hitMs, () =>
    Promise.resolve(armed.fired() > 0 ? true : undefined),
  ).catch(() => false);
  armed.disarm();
  site.say(`${step.name}: ${hit ? 'killed' : 'NOT REACHED'}`);
  // What is not done by then is found by what is checked at the end.
  await waitFor('the update to be done', doneMs, () => done(site, deployment, tags)).catch(() => undefined);
  return hit;
}

async function done(site: Site, deployment: string, tags: readonly string[]): Promise<true | undefined> {
  const evidence = await site.evidence().catch(() => undefined);
  if (!evidence) return undefined;
  const { records, changes, told } = evidence;
  const image = imageOf(deployment, tags.at(-1) ?? '');
  const own = records.filter((record) => record.deployment === deployment);
  const all = tags.every((tag) => own.some((record) => record.tag === tag && isEnded(record)));
  const heard = told.some((one) => one.image === image && one.answered === 204);
  return all && heard && changes.get(deployment)?.at(-1)?.image === image ? true : undefined;
}
