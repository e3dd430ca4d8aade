import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { readConfigFile } from '../../../src/config/file/read.ts';
import { manifestsIn } from '../../k8s/manifests.ts';
import type { DeploymentManifest, EnvironmentEntry } from '../../k8s/workload.ts';

const page = readFileSync('docs/configuration-file.md', 'utf8');
const [sample = '', clusters = '', withSecret = '', overlay = ''] = [
  ...page.matchAll(/```yaml\n(.*?)```/gs),
].map(([, text]) => text);
const path = '/etc/updatekate/updatekate.yaml';

test('the sample of the docs is read as they say', () => {
  expect(readConfigFile(path, () => sample)).toEqual({
    environments: {
      prod: {
        namespaces: ['shop', 'till'],
        approvals: { votes: 2, approvers: ['group:release', 'boss@acme.example'], deadlineMs: 14_400_000 },
      },
      staging: {
        namespaces: ['shop-staging'],
        approvals: { votes: 1, approvers: ['group:release', 'group:dev'], requesterMayApprove: true },
      },
      playground: { namespaces: ['sandbox'] },
    },
    ...{ notifiers: {}, clusters: {}, watch: {} },
    groups: {
      release: ['ann@acme.example', 'bob@acme.example', 'U024BE7LH'],
      dev: ['token:ci', 'kubernetes:alice'],
    },
  });
});

test('the sample of clusters is read as it says', () => {
  expect(readConfigFile(path, () => clusters)).toMatchObject({
    clusters: {
      east: { kubeconfig: '/etc/updatekate/east.yaml' },
      west: { kubeconfig: '/etc/updatekate/west.yaml', context: 'admin' },
    },
    watch: { default: ['shop', 'till'], east: 'all', west: ['shop'] },
  });
});

test('the sample says something of every key there is', () => {
  const keys = (value: unknown): readonly string[] =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.entries(value).flatMap(([key, inner]) => [key, ...keys(inner)])
      : [];

  expect(keys(parse(sample))).toEqual(
    expect.arrayContaining([
      ...['environments', 'groups', 'namespaces', 'approvals'],
      ...['votes', 'approvers', 'deadline', 'requesterMayApprove'],
    ]),
  );
});

test('the faults that the docs show are told so', () => {
  const faulty = sample.replace('    approvals:', '    aprovals:').replace('[shop-staging]', '[shop]');

  expect(page).toContain('updatekate: /etc');
  expect(() => readConfigFile(path, () => faulty)).toThrow(
    expect.objectContaining({
      code: 'bad-config',
      message: /```\nupdatekate: (.*?)\n```/s.exec(page)?.[1],
    }),
  );
});

describe.each([
  ['k8s', 'updatekate'],
  ['k8s/notify', 'updatekate-notify'],
])('the sample for %s', (folder, name) => {
  const { only, kustomization } = manifestsIn(folder);
  const { containers, volumes } = (only('Deployment') as DeploymentManifest).spec.template.spec;
  // As the page says it for the other one.
  const read = parse(overlay.replace(/name: updatekate$/gm, `name: ${name}`)) as Overlay;
  const [merged, added] = read.configMapGenerator;
  const patch = parse(read.patches[0].patch) as DeploymentManifest;
  const [container] = patch.spec.template.spec.containers;

  test('names what is there, and adds to it', () => {
    expect(merged).toMatchObject({ name: kustomization.configMapGenerator[0]?.name, behavior: 'merge' });
    expect([patch.kind, patch.metadata.name]).toEqual(['Deployment', only('Deployment').metadata.name]);
    expect(container.name).toBe(containers[0].name);
    const taken = namesIn(containers[0].env, containers[0].volumeMounts, volumes);
    const own = namesIn(container.env, container.volumeMounts, patch.spec.template.spec.volumes);
    expect(own).toHaveLength(3);
    expect(own.filter((one) => taken.includes(one))).toEqual([]);
  });

  test('gives the process its file and its secrets', () => {
    const [, configPath] = merged.literals[0].split('=');
    const [mount] = container.volumeMounts;
    const [volume] = patch.spec.template.spec.volumes;
    const [{ name: variable, valueFrom }] = container.env as [EnvironmentEntry];
    const { name: secret, key } = valueFrom?.secretKeyRef ?? {};
    const hook = 'https://prod-1.westeurope.logic.azure.com/workflows/1/triggers/manual/paths/invoke?sig=x';

    const { notifiers } = readConfigFile('updatekate.yaml', () => withSecret, { [variable]: hook });

    expect(configPath).toBe(`${mount?.mountPath ?? ''}/${added.files[0]}`);
    expect(volume).toEqual({ name: mount?.name, configMap: { name: added.name } });
    expect(page).toContain(`create secret generic ${secret ?? '?'} --from-literal=${key ?? '?'}=`);
    expect(notifiers.checkout?.kind).toBe('msteams');
  });
});

/** The manifests of the watcher have no volumes. */
function namesIn(...lists: readonly (readonly { readonly name: string }[] | undefined)[]): readonly string[] {
  return lists.flatMap((list = []) => list.map(({ name }) => name));
}

/** As far as it is looked at. */
interface Overlay {
  readonly configMapGenerator: readonly [
    { readonly name: string; readonly behavior: string; readonly literals: readonly [string] },
    { readonly name: string; readonly files: readonly [string] },
  ];
  readonly patches: readonly [{ readonly patch: string }];
}
