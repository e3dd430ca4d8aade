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
import { anyAnnotations } from '../support/annotations.ts';
import { aWorkload, keyOf, policyOf } from '../support/builders.ts';
import { withPrefix } from '../support/targets.ts';

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
  aWorkload({ containers, annotations: withPrefix('updatekate.dev/', annotations) });

describe('targetsOf a workload that people must be asked about', () => {
  const asks = { approvals: '2', approvers: 'group:ops' };

  test('is held only where the approvals cannot be obeyed, and says why', () => {
    const heldBy = (annotations: Readonly<Record<string, string>>) =>
      targetsOf(annotated({ policy: 'semver', ...annotations }), undefined).map(({ held }) => held);

    expect(heldBy(asks)).toEqual([undefined, undefined, undefined]);
    expect(new Set(heldBy({ ...asks, approvals: 'two' }))).toEqual(
      new Set(['annotation updatekate.dev/approvals: "two" is no number from 0 to 20']),
    );
    expect(heldBy({ hold: 'true', approvers: '' })[0]).toBe(
      'annotation updatekate.dev/hold is set; annotation updatekate.dev/approvers: names nobody',
    );
  });

  test('holds the Deployment of the environment as well, by what its settings say', () => {
    const settings = { legacyKey: 'acme.example/gate', defaultsFor: () => ({ votes: 1 }) };
    const nobody =
      'annotation updatekate.dev/approvers: 1 approvals are asked for, but nobody is named who may approve';
    const unread = aWorkload({ annotations: { 'acme.example/gate': '' } });

    expect(targetsOf(plain, aClassic(), settings)[0]?.held).toBe(nobody);
    expect(targetsOf(unread, aClassic(), settings)[0]?.held).toMatch(/^annotation acme\.example\/gate: /);
    expect(targetsOf(unread, aClassic())[0]?.held).toBeUndefined();
  });

  test('makes no target of a workload without a policy', () => {
    expect(targetsOf(annotated({ approvals: 'two' }), undefined)).toEqual([]);
  });
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
    ['a policy that cannot be read', { policy: 'yolo' }, ['migrate', 'app', 'proxy']],
  ])('with %s: %j', (_what, annotations, expected) => {
    const targets = targetsOf(annotated(annotations), undefined);

    expect(targets.map(({ container }) => container)).toEqual(expected);
  });

  test('is each container with a policy of its own', () => {
    const policies = (annotations: Readonly<Record<string, string>>): readonly string[] =>
      targetsOf(annotated(annotations), undefined).map(
        ({ container, policy }) => `${container} ${policy.text}`,
      );

    expect(policies({ 'policy.app': 'patch' })).toEqual(['app patch']);
    expect(policies({ policy: 'minor', 'policy.app': 'patch' })).toEqual([
      ...['migrate minor', 'app patch', 'proxy minor'],
    ]);
    expect(policies({ policy: 'minor', 'policy.proxy': 'none' })).toEqual([
      ...['migrate minor', 'app minor', 'proxy none'],
    ]);
    expect(policies({ policy: 'minor', containers: 'app', 'policy.proxy': 'patch' })).toEqual([
      ...['app minor', 'proxy patch'],
    ]);
    expect(policies({ containers: 'app', 'policy.proxy': 'patch' })).toEqual(['proxy patch']);
  });

  test('has its own tags and pre-releases, each by itself', () => {
    const targets = targetsOf(
      annotated({
        policy: 'semver',
        tags: '^1',
        prereleases: 'off',
        'tags.app': '^2',
        'prereleases.proxy': 'all',
      }),
      undefined,
    );

    expect(
      targets.map(({ container, tags, preReleases }) => [container, tags?.pattern(), preReleases]),
    ).toEqual([
      ['migrate', '^1', 'off'],
      ['app', '^2', 'off'],
      ['proxy', '^1', 'all'],
    ]);
  });

  test.each([
    ['containers', { policy: 'semver', containers: 'web' }, 'web'],
    ['containers', { policy: 'semver', containers: '' }, ''],
    ['containers', { policy: 'semver', containers: 'app,web' }, 'web'],
    ['policy.web', { 'policy.web': 'semver' }, 'web'],
    ['policy.web', { policy: 'semver', 'policy.web': 'none' }, 'web'],
    ['tags.web', { policy: 'semver', 'tags.web': '^v' }, 'web'],
  ])('is held when %s names nobody: %j', (name, annotations, missing) => {
    const targets = targetsOf(annotated(annotations), undefined);

    expect(targets.length).toBeGreaterThan(0);
    expect(new Set(targets.map(({ held }) => held))).toEqual(
      new Set([
        `annotation updatekate.dev/${name}: there is no container "${missing}", only migrate, app, proxy, odd`,
      ]),
    );
  });

  test('shows the hold on all containers when none is meant, and moves none of them', () => {
    const targets = targetsOf(annotated({ 'policy.web': 'semver' }), undefined);

    expect(targets.map(({ container }) => container)).toEqual(['migrate', 'app', 'proxy']);
    expect(targets.map(({ policy }) => policy.rank('1.0.0', 'same'))).toEqual([
      ...['no-policy', 'no-policy', 'no-policy'],
    ]);
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

  test('has containers with policies of their own as well, whatever the environment names', () => {
    const classic = aClassic({ policy: policyOf('patch'), container: 'app', repository: 'acme/shop' });
    const targets = targetsOf(annotated({ 'policy.proxy': 'minor' }), classic);

    expect(targets.map(({ container, policy }) => `${container} ${policy.text}`)).toEqual([
      ...['app patch', 'proxy minor'],
    ]);
    expect(targetsOf(annotated({ 'policy.app': 'none' }), classic)).toMatchObject([
      { policy: { text: 'none' } },
    ]);
  });

  test('that has no container as the environment wants it shows no hold on others', () => {
    expect(targetsOf(annotated({ hold: 'true' }), aClassic({ container: 'web' }))).toEqual([]);
  });

  test('obeys its other annotations', () => {
    const targets = targetsOf(annotated({ hold: 'true', prereleases: 'off' }), aClassic());

    expect(targets).toHaveLength(3);
    expect(targets[0]).toMatchObject({ held: 'annotation updatekate.dev/hold is set', preReleases: 'off' });
  });
});

describe("targetsOf a workload with Keel's annotations", () => {
  const keel = (
    annotations: Readonly<Record<string, string>>,
    ours: Readonly<Record<string, string>> = {},
    labels?: Readonly<Record<string, string>>,
  ) =>
    aWorkload({
      containers,
      annotations: { ...withPrefix('keel.sh/', annotations), ...withPrefix('updatekate.dev/', ours) },
      ...(labels ? { labels: withPrefix('keel.sh/', labels) } : {}),
    });
  const policies = (...workload: Parameters<typeof keel>): readonly string[] =>
    targetsOf(keel(...workload), undefined).map(({ container, policy }) => `${container} ${policy.text}`);

  test('is what Keel would look at', () => {
    expect(policies({ policy: 'minor' })).toEqual(['app keel: minor', 'proxy keel: minor']);
    expect(policies({}, {}, { policy: 'patch' })).toEqual(['app keel: patch', 'proxy keel: patch']);
    expect(policies({ policy: 'all', monitorContainers: '^app$' })).toEqual(['app keel: all']);
    expect(policies({ policy: 'all', monitorContainers: 'nobody' })).toEqual([]);
  });

  test.each([
    ['policy', { policy: 'patch' }, ['migrate patch', 'app patch', 'proxy patch']],
    ['policy.<container>', { 'policy.app': 'patch' }, ['app patch']],
    ['policy.<container>: none', { 'policy.app': 'none' }, ['app none']],
  ])('is not read when there is a %s of ours, not even approvals', (_what, ours, expected) => {
    expect(policies({ policy: 'all', approvals: '2' }, ours)).toEqual(expected);
    expect(targetsOf(keel({ policy: 'all', approvals: '2' }, ours), undefined)[0]?.held).toBeUndefined();
  });

  test('is not read on the Deployment of the environment', () => {
    const targets = targetsOf(keel({ policy: 'force', approvals: '1' }), aClassic({ container: 'app' }));

    expect(targets).toMatchObject([{ container: 'app', policy: { text: 'semver' }, held: undefined }]);
    expect(targetsOf(keel({ policy: 'force' }), aClassic({ workload: keyOf('other') }))).toHaveLength(2);
  });

  test('obeys hold, tags and containers of ours', () => {
    const targets = targetsOf(
      keel({ policy: 'all' }, { hold: 'true', containers: 'app', tags: '^1', 'tags.app': '^2' }),
      undefined,
    );

    expect(targets).toMatchObject([{ container: 'app', held: 'annotation updatekate.dev/hold is set' }]);
    expect(targets[0]?.tags?.pattern()).toBe('^2');
  });

  test.each(['prereleases', 'prereleases.app'])('is held by %s of ours, which it has no use for', (name) => {
    const [target] = targetsOf(keel({ policy: 'all' }, { [name]: 'off' }), undefined);

    expect(target?.held).toBe(
      "annotation updatekate.dev/prereleases: a policy of Keel's has keel.sh/matchPreRelease instead",
    );
  });

  test('is held by its approvals only where they cannot be obeyed', () => {
    const heldBy = (ours: Readonly<Record<string, string>>) =>
      targetsOf(keel({ policy: 'all', approvals: '2' }, ours), undefined)[0]?.held;

    expect(heldBy({ approvers: 'rbac' })).toBeUndefined();
    expect(heldBy({})).toMatch(/^annotation keel\.sh\/approvals: nobody is named who may approve: /);
  });

  test('is held by all that is wrong, ours first', () => {
    const [target] = targetsOf(keel({ policy: 'all', approvals: '1' }, { pin: 'tag' }), undefined);

    expect(target?.held).toBe(
      'annotation updatekate.dev/pin: not supported by this version; ' +
        'annotation keel.sh/approvals: nobody is named who may approve: add the annotation ' +
        'updatekate.dev/approvers, or approvals with approvers of an environment in UK_CONFIG',
    );
  });

  test('takes an image without a tag as latest, and keeps how it is written', () => {
    const bare = [
      { name: 'app', image: 'acme/shop', init: false },
      { name: 'pinned', image: `acme/shop@sha256:${'a'.repeat(64)}`, init: false },
    ];

    const targets = targetsOf({ ...keel({ policy: 'all' }), containers: bare }, undefined);

    expect(targets.map(({ image, ref }) => [image, ref.tag])).toEqual([
      ['acme/shop', 'latest'],
      [bare[1]?.image, undefined],
    ]);
  });
});

describe('targetsOf any workload', () => {
  test('with any annotations and labels gives targets, or a hold in printable words', () => {
    fc.assert(
      fc.property(anyAnnotations, anyAnnotations, (annotations, labels) => {
        const targets = targetsOf({ ...plain, annotations, labels }, undefined);

        expect(targets.length).toBeLessThanOrEqual(3);
        for (const { held, policy, preReleases } of targets) {
          expect(held ?? '').toMatch(/^[^\p{C}]*$/u);
          expect(['string', 'object']).toContain(typeof policy.rank('1.0.0', preReleases));
        }
        const isOurs = Object.keys(annotations).some((key) => /^updatekate\.dev\/policy(\.|$)/.test(key));
        expect(targets.length > 0 || !isOurs).toBe(true);
      }),
    );
  });

  test('of thousands without a word of ours makes no list each', () => {
    expect(targetsOf(plain, undefined)).toBe(targetsOf(plain, aClassic({ workload: keyOf('other') })));
  });

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
  test('is there although another container has a policy of its own', () => {
    const workload = annotated({ 'policy.proxy': 'minor' });

    expect(classicProblem(workload, aClassic({ repository: 'quay.io/acme/other' }))).toMatch(/^UK_REPO: no /);
  });

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
