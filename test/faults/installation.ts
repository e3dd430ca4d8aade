import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { freePorts } from '../cluster/free-ports.ts';
import { grantOwnPermissions } from '../cluster/own-permissions.ts';
import { waitFor } from '../cluster/wait-for.ts';
import { createDeployments, watchDeployments, type DeploymentHistory } from './deployments.ts';
import type { Evidence } from './evidence.ts';
import { createJournal, type Journal } from './journal.ts';
import type { Lab } from './lab.ts';
import { flavoursOf, newDeployments, type Followed } from './new-deployments.ts';
import { createPusher, type Pusher } from './pusher.ts';
import { seeded, type Random } from '../support/random.ts';
import { startReceiver, type Receiver } from './receiver.ts';
import { recordsOfCluster, recordsOfDisks, type ReadRecords } from './records.ts';
import { createRuleBook, type RuleBook } from './rules.ts';
import { startServiceFront, type ServiceFront } from './service-front.ts';
import { startStation, type Station } from './station.ts';
import { approvers, createVoters, type Voters } from './voters.ts';
import { createTraffic, type Traffic } from './traffic.ts';
import { webhookToken } from './webhook-token.ts';

/** One Updatekate in a namespace of its own, with everything that surrounds and watches it. */
export interface Installation {
  readonly name: string;
  readonly random: Random;
  readonly stations: readonly Station[];
  readonly front: ServiceFront;
  readonly rules: RuleBook;
  readonly journal: Journal;
  readonly receiver: Receiver;
  readonly traffic: Traffic;
  readonly pusher: Pusher;
  readonly voters: Voters;
  readonly deployments: readonly string[];
  /** Starts one more replica, not yet behind the front. */
  addStation(name: string): Promise<Station>;
  station(name: string): Station;
  evidence(): Promise<Evidence>;
  close(): Promise<void>;
}

export interface InstallationOptions extends Followed {
  /** Also the namespace. */
  readonly name: string;
  readonly replicas?: number;
  /** Gives each replica a small disk for its data. */
  readonly smallDisk?: true;
  /** Variables that differ for a replica. */
  readonly environment?: (replica: string) => Readonly<Record<string, string>>;
}

const Kubeconfig = z.object({ users: z.array(z.object({ user: z.object({ token: z.string() }) })) });

/** Makes the namespace, starts the replicas in it and waits until all are ready. */
export async function openInstallation(lab: Lab, options: InstallationOptions): Promise<Installation> {
  const { name } = options;
  const folder = join(lab.reaper.folder, name);
  mkdirSync(folder);
  await lab.cluster.kubectl(['create', 'namespace', name]);
  const { kubeconfigPath } = await grantOwnPermissions(lab.cluster, name, folder);
  const token = Kubeconfig.parse(JSON.parse(readFileSync(kubeconfigPath, 'utf8'))).users[0]?.user.token ?? '';
  const flavours = flavoursOf(options);
  await createDeployments(lab.admin, name, newDeployments(options, flavours));

  const [history, front, receiver] = [
    watchDeployments(lab.admin, name),
    await startServiceFront(),
    await startReceiver(),
  ];
  const random = seeded(lab.options.seed, name);
  const busy = [...flavours].filter(([each]) => !options.asking?.get(each)?.quiet);
  const traffic = createTraffic(new Map(busy), random);
  const stations: Station[] = [];
  const parts: Parts = {
    ...{ lab, options, folder, token, history, front, receiver, random, traffic },
    ...{ rules: createRuleBook(), journal: createJournal(), stations },
    voters: createVoters({
      urls: () => urlsOf(stations),
      random: seeded(lab.options.seed, `${name} voters`),
    }),
    pusher: createPusher(`${front.url}/webhook/quay/${webhookToken}`, traffic),
  };
  const installation = assemble(parts, [...flavours.keys()]);
  await startReplicas(installation, options.replicas ?? lab.options.replicas);
  return installation;
}

interface Parts {
  readonly lab: Lab;
  readonly options: InstallationOptions;
  readonly folder: string;
  readonly token: string;
  readonly history: DeploymentHistory;
  readonly front: ServiceFront;
  readonly receiver: Receiver;
  readonly random: Random;
  readonly traffic: Traffic;
  readonly rules: RuleBook;
  readonly journal: Journal;
  readonly pusher: Pusher;
  readonly voters: Voters;
  readonly stations: Station[];
}

function assemble(parts: Parts, deployments: readonly string[]): Installation {
  const { lab, options, stations, front, receiver, pusher, voters, history, journal } = parts;
  const asking = new Map([...(options.asking ?? [])].map(([name, { votes }]) => [name, votes]));
  const records = readerOf(parts);
  return {
    ...{ ...parts, name: options.name, deployments },
    async addStation(name) {
      const [port = 0] = await freePorts(1);
      const { folder, token, rules } = parts;
      const environment = options.environment?.(name) ?? {};
      const around = { lab, namespace: options.name, folder, token, rules, journal, receiver };
      const station = await startStation(around, {
        name,
        port,
        environment,
        smallDisk: options.smallDisk ?? false,
      });
      stations.push(station);
      return station;
    },
    station(name) {
      const found = stations.find(({ replica }) => replica.name === name);
      if (!found) throw new Error(`there is no replica ${name}`);
      return found;
    },
    evidence: async () => ({
      ...{ pushes: pusher.pushes(), records: await records(), changes: history.changes() },
      ...{ writes: journal.writes(), told: receiver.told(), samples: front.samples() },
      exits: stations.flatMap(({ replica }) => replica.exits()),
      ...{ asking, approvers, casts: voters.casts(), takenAtMs: Date.now() },
    }),
    async close() {
      await voters.stop();
      await Promise.all(stations.map((station) => station.close()));
      await Promise.all([history.close(), pusher.close()]);
      front.close();
      receiver.close();
      await lab.cluster.kubectl(['delete', 'namespace', options.name, '--wait=false']);
    },
  };
}

function readerOf({ lab, options, folder, stations }: Parts): ReadRecords {
  if (lab.options.store === 'kubernetes') return recordsOfCluster(lab.admin, options.name);
  return () => recordsOfDisks(stations.map(({ replica }) => join(folder, replica.name)))();
}

async function startReplicas(installation: Installation, count: number): Promise<void> {
  const { front } = installation;
  for (let n = 1; n <= count; n++) front.add((await installation.addStation(`replica-${n}`)).replica);
  await waitFor('all replicas to be ready', 60_000, () =>
    Promise.resolve(front.readyNow().length === count ? true : undefined),
  );
}

function urlsOf(stations: readonly Station[]): readonly string[] {
  return stations.map(({ replica }) => replica.url);
}
