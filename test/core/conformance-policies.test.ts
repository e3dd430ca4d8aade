import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { decide, type Choice } from '../../src/core/decide.ts';
import { policyModules } from '../../src/core/policies/index.ts';
import { aTarget } from '../support/targets.ts';

/** A row of policies.json. */
interface Vector {
  readonly name: string;
  readonly policy: string;
  readonly current: string;
  readonly candidates: readonly string[];
  readonly selected: string | null;
  readonly reasons?: Readonly<Record<string, string>>;
  readonly tags?: string;
  readonly prereleases?: string;
}

/** What a policy comes to over a complete tag list: `<file> <policy> <running> <selected> [<prereleases>]`. */
const tagLists = `
  quay.io_prometheus_prometheus           semver                   v3.12.0-distroless    v3.14.0-distroless
  quay.io_prometheus_prometheus           semver                   v3.12.0-busybox       v3.14.0-busybox
  quay.io_prometheus_prometheus           semver                   v2.55.1               v3.14.0
  quay.io_prometheus_prometheus           minor                    v2.0.0                v2.55.1
  quay.io_prometheus_prometheus           semver:^2                v2.0.0                v2.55.1
  quay.io_prometheus_prometheus           semver:~3.5              v3.5.0                v3.5.5
  quay.io_prometheus_prometheus           semver:<3.14.0           v3.13.1               v3.14.0-rc.0        all
  quay.io_coreos_etcd                     semver                   v3.5.0-arm64          v3.7.1-arm64
  quay.io_coreos_etcd                     semver                   v3.5.0-amd64          v3.7.1-amd64
  quay.io_coreos_etcd                     semver                   v3.5.0                v3.7.1
  quay.io_coreos_etcd                     semver:~3.5              v3.5.0                v3.5.33
  quay.io_coreos_etcd                     patch                    v3.4.9                v3.4.45
  docker.io_library_postgres              semver                   16.2-alpine           18.6-alpine
  docker.io_library_postgres              minor                    16.2-alpine           16.15-alpine
  docker.io_library_postgres              semver                   17.0-bookworm         18.6-bookworm
  docker.io_library_postgres              semver                   16-alpine3.19         17-alpine3.19
  docker.io_library_postgres              semver                   15-alpine             18-alpine
  docker.io_library_postgres              semver                   9.6                   18.6
  docker.io_library_postgres              semver:^16               16.0                  16.15
  docker.io_library_postgres              semver                   17                    19beta3             all
  docker.io_library_ubuntu                semver                   20.04                 26.10
  quay.io_jetstack_cert-manager-controller  semver                 v1.0.0                v1.21.1
  quay.io_jetstack_cert-manager-controller  semver:~1.17           v1.17.0               v1.17.4
  quay.io_jetstack_cert-manager-controller  patch                  v1.12.0               v1.12.17
  quay.io_jetstack_cert-manager-controller  semver:^0.8            v0.8.0                v0.8.1
  quay.io_jetstack_cert-manager-controller  semver:<1.21.0         v1.20.0               v1.21.0-beta.0      all
  quay.io_jetstack_cert-manager-controller  semver                 v1.21.0-alpha.0       v1.21.1
  docker.io_library_eclipse-temurin       minor                    21.0.2_13-jre         21.0.12_8-jre
  docker.io_library_eclipse-temurin       minor                    17.0.1_12-jdk-alpine  17.0.20_8-jdk-alpine
  docker.io_java_snapshot_style           semver                   8.4.0                 8.8.31
  docker.io_java_snapshot_style           digest                   8.8-SNAPSHOT          8.8-SNAPSHOT
  docker.io_library_ubuntu                calver                   20.04                 26.10
  docker.io_library_ubuntu                calver                   12.04.4               14.04.5
  docker.io_library_ubuntu                alphabetical:^\\d\\d\\.\\d\\d$  20.04           26.10
  docker.io_library_ubuntu                alphabetical:^\\d*[02468]\\.04$  20.04           26.04
  docker.io_library_ubuntu                numeric:^noble-(?<n>\\d{8})$  noble-20240127.1  -
  docker.io_library_ubuntu                regex:^noble-            noble-20240127.1      noble-20260810
  docker.io_library_ubuntu                numeric:^jammy-(?<n>\\d{8})$  jammy-20240111   jammy-20260810
  docker.io_library_ubuntu                glob:jammy-*             jammy-20240111        jammy-20260810
  docker.io_library_postgres              numeric:^17\\.(?<n>\\d+)-alpine$  17.9-alpine  17.11-alpine
  docker.io_library_postgres              glob:17.*-alpine         17.9-alpine           17.11-alpine
  docker.io_library_postgres              regex:^1\\d-alpine$      15-alpine             18-alpine
  docker.io_library_eclipse-temurin       regex:^17\\.[\\d.]+_\\d+-jdk-alpine$  17.0.1_12-jdk-alpine  17.0.20_8-jdk-alpine
  docker.io_library_eclipse-temurin       regex:^21\\.\\d+\\.\\d+(\\.\\d+)?_\\d+-jre$  21.0.2_13-jre  21.0.12_8-jre
  docker.io_library_eclipse-temurin       numeric:^8u(?<n>\\d+)-b\\d+-jre$  8u302-b08-jre  8u502-b07-jre
  quay.io_coreos_etcd                     glob:v3.5.*-arm64        v3.5.9-arm64          v3.5.33-arm64
  quay.io_prometheus_prometheus           regex:^v\\d+\\.\\d+\\.\\d+$  v2.55.1         v3.14.0
  quay.io_prometheus_prometheus           glob:v3.*-distroless     v3.12.0-distroless    v3.14.0-distroless
  quay.io_jetstack_cert-manager-controller  glob:v1.*              v1.9.0                v1.21.1
`
  .trim()
  .split('\n')
  .map((line) => line.trim().split(/\s+/));

const folder = new URL('../../../shared/conformance/', import.meta.url);
const present = existsSync(folder);
// Without the shared folder there is nothing to conform to: said aloud, and seen as a skipped test.
if (!present) console.warn('policy conformance NOT RUN: the folder ../shared/conformance is missing');
const testData = present ? test : test.skip;

const names = policyModules.flatMap((module) => module.names);
const isOurs = ({ policy }: Vector): boolean => names.includes(policy.split(':')[0] ?? '');
const vectors = present ? readVectors() : [];
const others = vectors.filter((vector) => !isOurs(vector));
if (others.length > 0) {
  const kinds = [...new Set(others.map(({ policy }) => policy.split(':')[0]))].join(', ');
  console.warn(`${others.length} of ${vectors.length} policy vectors NOT RUN, this version has no ${kinds}`);
}

function readVectors(): readonly Vector[] {
  const text = readFileSync(new URL('policies.json', folder), 'utf8');
  return (JSON.parse(text) as { vectors: readonly Vector[] }).vectors;
}

/** Decides for a workload that is annotated as the vector says. */
function choose({
  policy,
  current,
  candidates,
  tags,
  prereleases,
}: Omit<Vector, 'name' | 'selected'>): Choice {
  const filter = tags === undefined ? {} : { tags };
  const preReleases = prereleases === undefined ? {} : { prereleases };
  return decide(aTarget(`acme/shop:${current}`, { policy, ...filter, ...preReleases }), candidates);
}

function reasonsOf({ considered }: Choice): Readonly<Record<string, string>> {
  return Object.fromEntries(
    considered.map(({ to, reason }) => [to.slice('acme/shop:'.length), reason ?? '']),
  );
}

testData(`conformance data in ../shared/conformance${present ? '' : ' is MISSING'}`, () => {
  const ours = vectors.filter(isOurs);

  expect(ours.length).toBeGreaterThan(0);
});

describe('policies.json', () => {
  for (const vector of vectors.filter(isOurs)) {
    test(`${vector.name} (${vector.policy})`, () => {
      const choice = choose(vector);

      expect(choice.selected ?? null).toBe(vector.selected);
      expect(reasonsOf(choice)).toMatchObject(vector.reasons ?? {});
    });
  }
});

describe('tag lists', () => {
  for (const [file = '', policy = '', current = '', selected = '', prereleases = 'same'] of present
    ? tagLists
    : []) {
    test(`${file}: ${policy} takes ${current} to ${selected}`, () => {
      const text = readFileSync(new URL(`tags/${file}.txt`, folder), 'utf8');
      const candidates = text.split('\n').filter((tag) => tag !== '');

      const choice = choose({ policy, current, candidates, prereleases });

      expect(choice.selected ?? '-').toBe(selected);
    });
  }

  // Lists of which the folder has no file: the tags of each convention, and what one of them goes to.
  const flannel = ['v1.2.0', 'v1.5.1-flannel1', 'v1.8.0-flannel1', 'v1.9.0-flannel1'];
  const envoy = ['v1.34.12-1765374555-6a93b0b', 'v1.35.9-1767794330-db497dd', 'v1.35.9-1768828720-c6e4827'];
  test.each<[string, string, readonly string[], string]>([
    [
      'numeric:^main-[a-f0-9]+-(?P<n>[0-9]+)$',
      'main-a1b2c3d-1611900000',
      ['main-ffffff0-1611800000', 'main-0e2a89b-1611906957', 'main-2d3fcbd-1611906956', '1234567', 'main'],
      'main-0e2a89b-1611906957',
    ],
    ['numeric:-(?<n>\\d{10})-', 'v1.34.12-1765374555-6a93b0b', envoy, 'v1.35.9-1768828720-c6e4827'],
    [
      'alphabetical:^RELEASE\\.(?P<n>.*)Z$',
      'RELEASE.2020-07-13T18-09-56Z',
      ['RELEASE.2023-07-07T07-13-57Z', 'RELEASE.2023-02-10T18-48-39Z', 'edge', 'latest'],
      'RELEASE.2023-07-07T07-13-57Z',
    ],
    ['semver', '0.6.12-ls132', ['0.6.13-ls2', '0.6.13-ls10', 'amd64-0.6.13-ls11', 'latest'], '0.6.13-ls10'],
    [
      'regex:^[\\d.]+-ls\\d+$',
      '0.6.12-ls132',
      ['0.6.13-ls2', '0.6.13-ls10', 'arm64v8-0.7.0-ls1'],
      '0.6.13-ls10',
    ],
    ['numeric', '1504', ['9', '10', '1606364286', '1606334284', 'rel-1706364286'], '1606364286'],
    ['glob:rel-*', 'rel-9', ['rel-1606234201', 'rel-1606364286', '1706364286'], 'rel-1606364286'],
    ['glob:v*-flannel*', 'v1.5.1-flannel2', flannel, 'v1.9.0-flannel1'],
    ['newest:^main-', 'main-ffffff0', ['main-a1b2c3d', 'main-0e2a89b', 'pr-42'], 'main-0e2a89b'],
  ])('%s takes %s from %j to %s', (policy, current, candidates, selected) => {
    expect(choose({ policy, current, candidates }).selected).toBe(selected);
  });

  const listed = present ? readdirSync(new URL('tags/', folder)) : [];
  for (const file of listed) {
    test(`${file}: each tag gets a verdict, in any order, and moves nothing twice`, () => {
      const tags = readFileSync(new URL(`tags/${file}`, folder), 'utf8')
        .trim()
        .split('\n');
      const current = tags.find((tag) => /^v?\d+\.\d+/.test(tag)) ?? '';

      const forward = choose({ policy: 'semver', current, candidates: tags });
      const backward = choose({ policy: 'semver', current, candidates: tags.toReversed() });
      const again = choose({ policy: 'semver', current: forward.selected ?? '', candidates: tags });

      expect(Object.keys(reasonsOf(forward)).sort()).toEqual([...new Set(tags)].sort());
      expect(backward.selected).toBe(forward.selected);
      expect(forward.selected).toBeDefined();
      expect(again.selected).toBeUndefined();
    });
  }
});
