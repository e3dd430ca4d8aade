import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  classicProblem,
  missedPush,
  targetId,
  targetsOf,
  type ClassicTarget,
} from '../../src/core/target.ts';
import type { Container } from '../../src/core/workload.ts';
import { aWorkload, keyOf, policyOf } from '../support/builders.ts';

const containers: readonly Container[] = [
  { name: 'migrate', image: 'quay.io/acme/shop:1.0.0', init: true },
  { name: 'app', image: 'quay.io/acme/shop:1.0.0', init: false },
  { name: 'proxy', image: 'docker.io/library/nginx:1.27.0', init: false },
  { name: 'odd', image: 'no image!', init: false },
];
const plain = aWorkload({ containers, annotations: {} });

/** The classic target of the builder's workload. */
function aClassic(different: Partial<ClassicTarget> = {}): ClassicTarget {
  return {
    ...{ workload: keyOf(), container: undefined, repository: undefined, policy: policyOf('semver') },
    ...different,
  };
}

const annotated = (annotations: Readonly<Record<string, string>>) =>
  aWorkload({
    containers,
    annotations: Object.fromEntries(
      Object.entries(annotations).map(([name, value]) => [`updatekate.dev/${name}`, value]),
    ),
  });

describe('targetsOf an annotated workload', () => {
  test('is each container with an image, init containers too', () => {
    const targets = targetsOf(annotated({ policy: 'minor', prereleases: 'all', tags: '^1' }), undefined);

    const common = {
      ...{ workload: keyOf(), uid: 'uid-1', policy: { text: 'minor' } },
      ...{ preReleases: 'all', held: undefined },
    };
    expect(targets).toMatchObject([
      { ...common, container: 'migrate', init: true, image: 'quay.io/acme/shop:1.0.0' },
      { ...common, container: 'app', init: false, ref: { repository: 'quay.io/acme/shop', tag: '1.0.0' } },
      { ...common, container: 'proxy', init: false, ref: { repository: 'docker.io/library/nginx' } },
    ]);
    expect(targets.map(({ tags }) => tags?.pattern())).toEqual(['^1', '^1', '^1']);
  });

  test.each([
    ['no policy', {}, []],
    ['no policy but names', { containers: 'app' }, []],
    ['names', { policy: 'semver', containers: 'app, migrate' }, ['migrate', 'app']],
    ['a name that is not there', { policy: 'semver', containers: 'web' }, []],
    ['no names in the list', { policy: 'semver', containers: '' }, []],
    ['a policy that cannot be read', { policy: 'yolo' }, ['migrate', 'app', 'proxy']],
  ])('with %s: %j', (_what, annotations, expected) => {
    const targets = targetsOf(annotated(annotations), undefined);

    expect(targets.map(({ container }) => container)).toEqual(expected);
  });

  test('carries the hold', () => {
    const targets = targetsOf(annotated({ policy: 'semver', hold: 'true' }), undefined);

    expect(new Set(targets.map(({ held }) => held))).toEqual(
      new Set(['annotation updatekate.dev/hold is set']),
    );
  });
});

describe('targetsOf the classic workload', () => {
  test.each<[string, Partial<ClassicTarget>, readonly string[]]>([
    ['nothing more said', {}, ['migrate', 'app', 'proxy']],
    ['UK_REPO with its host', { repository: 'quay.io/acme/shop' }, ['migrate', 'app']],
    ['UK_REPO with its host in capitals', { repository: 'QUAY.IO/acme/shop' }, ['migrate', 'app']],
    ['UK_REPO without a host', { repository: 'acme/shop' }, ['migrate', 'app']],
    ['UK_REPO of another host', { repository: 'ghcr.io/acme/shop' }, []],
    ['UK_REPO of localhost', { repository: 'localhost/acme/shop' }, []],
    ['UK_REPO that ends alike', { repository: 'shop' }, []],
    ['UK_REPO as Docker Hub calls it', { repository: 'nginx' }, ['proxy']],
    ['UK_REPO by an alias of Docker Hub', { repository: 'index.docker.io/nginx' }, ['proxy']],
    ['UK_REPO by the path at Docker Hub', { repository: 'library/nginx' }, ['proxy']],
    ['UK_CONTAINER', { container: 'app' }, ['app']],
    ['UK_CONTAINER of an init container', { container: 'migrate' }, ['migrate']],
    ['UK_CONTAINER that is not there', { container: 'web' }, []],
    ['UK_CONTAINER with UK_REPO of another', { container: 'app', repository: 'nginx' }, []],
    ['another workload', { workload: keyOf('other') }, []],
  ])('with %s: %j', (_what, different, expected) => {
    const targets = targetsOf(plain, aClassic(different));

    expect(targets.map(({ container }) => container)).toEqual(expected);
  });

  test('a host in UK_REPO is never taken for a path behind another host', () => {
    const mirrored = { name: 'app', image: 'mirror.example/quay.io/acme/shop:1.0.0', init: false };

    const targets = targetsOf(
      { ...plain, containers: [mirrored] },
      aClassic({ repository: 'quay.io/acme/shop' }),
    );

    expect(targets).toEqual([]);
  });

  test('takes the policy of the environment, unless the workload says its own', () => {
    const classic = aClassic({ policy: policyOf('patch'), container: 'app' });

    const policies = [plain, annotated({ policy: 'none', containers: 'proxy' })].map((workload) =>
      targetsOf(workload, classic).map(({ container, policy }) => `${container} ${policy.text}`),
    );

    expect(policies).toEqual([['app patch'], ['app none']]);
  });

  test('obeys its other annotations', () => {
    const targets = targetsOf(annotated({ hold: 'true', prereleases: 'off' }), aClassic());

    expect(targets).toHaveLength(3);
    expect(targets[0]).toMatchObject({ held: 'annotation updatekate.dev/hold is set', preReleases: 'off' });
  });
});

describe('targetsOf any workload', () => {
  test('is total', () => {
    const texts = fc.string({ unit: 'binary' });
    const odd = fc.record({ name: texts, image: texts, init: fc.boolean() });

    fc.assert(
      fc.property(fc.array(odd), fc.option(texts, { nil: undefined }), (many, repository) => {
        const targets = targetsOf({ ...plain, containers: many }, aClassic({ repository }));

        expect(targets.length).toBeLessThanOrEqual(many.length);
      }),
    );
  });
});

describe('targetId', () => {
  test('is cluster/namespace/kind/name/container', () => {
    expect(targetId({ workload: keyOf(), container: 'app' })).toBe('default/default/Deployment/shop/app');
  });
});

describe('classicProblem', () => {
  const id = 'default/default/Deployment/shop';
  const list =
    'migrate (quay.io/acme/shop:1.0.0), app (quay.io/acme/shop:1.0.0), ' +
    'proxy (docker.io/library/nginx:1.27.0), odd (no image!)';

  test.each<[string, Partial<ClassicTarget>, string | undefined]>([
    ['nothing', {}, undefined],
    ['nothing with all said', { container: 'app', repository: 'acme/shop' }, undefined],
    ['the container', { container: 'web' }, `UK_CONTAINER: ${id} has no container "web", it has ${list}`],
    [
      'the repository',
      { repository: 'quay.io/acme/other' },
      `UK_REPO: no container of ${id} runs quay.io/acme/other, it has ${list}`,
    ],
    [
      'the image',
      { container: 'odd' },
      `UK_REPO: no container of ${id} runs an image that can be read, it has ${list}`,
    ],
  ])('names %s', (_what, different, problem) => {
    expect(classicProblem(plain, aClassic(different))).toBe(problem);
  });

  test('names the Deployment that is not there', () => {
    expect(classicProblem(undefined, aClassic())).toBe(`UK_DEPLOYMENT: ${id} is not there`);
  });
});

describe('missedPush', () => {
  test.each([
    ['the repository of UK_REPO', 'quay.io/acme/cart', 'quay.io/acme/cart', /^UK_REPO: no container of /],
    ['the same, named without a host', 'acme/cart', 'registry.example.com/acme/cart', /^UK_REPO: /],
  ])('says why %s finds no container', (_what, repository, pushed, problem) => {
    expect(missedPush(pushed, plain, aClassic({ repository }))).toMatch(problem);
  });

  test('has nothing to say of what is meant for someone else', () => {
    expect(
      missedPush('quay.io/acme/other', plain, aClassic({ repository: 'quay.io/acme/cart' })),
    ).toBeUndefined();
    expect(missedPush('quay.io/acme/other', plain, aClassic())).toBeUndefined();
  });
});
