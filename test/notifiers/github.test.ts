import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { secretText } from '../../src/core/secret-text.ts';
import { github } from '../../src/notifiers/github.ts';
import { noticeKinds, type Notice, type NoticeKind } from '../../src/core/notice.ts';
import { aMessage, aMessageOf, sinkContract } from '../contract/sink.ts';
import { hangUp, json, status, type Answer } from '../support/capture-server.ts';
import { closedAfterEach } from '../support/closed-after-each.ts';
import { problemsIn, refusedWith } from '../support/sink-vendor.ts';
import { githubSettings, secondaryLimit, startGithubKit, token } from './kits/github.ts';

const { signal } = new AbortController();
const withSettings = closedAfterEach(startGithubKit);

sinkContract('github', () => startGithubKit());

/** An update of these images. */
const anUpdateOf = (...to: readonly string[]): ReturnType<typeof aMessage> =>
  aMessage({ images: to.map((image) => ({ container: 'app', from: image, to: image })) });

describe('a rollout', () => {
  test('is a deployment with a status, and on request a status of its commit', async () => {
    const { sink, deployments, statuses, commitStatuses } = await withSettings({ commitStatus: true });

    await sink.send(aMessage(), signal);

    const fixture: unknown = JSON.parse(readFileSync('test/fixtures/notifiers/github.json', 'utf8'));
    expect({ deployments, statuses, commitStatuses }).toEqual(fixture);
  });

  test('is one deployment, whatever happens to it', async () => {
    const { sink, deployments, statuses } = await withSettings();

    await sink.send(aMessage({ kind: 'update.awaiting-approval' }), signal);
    await sink.send(aMessage({ kind: 'update.approved' }), signal);
    await sink.send(aMessage(), signal);
    await sink.send(aMessage({ thread: 'up-2' }), signal);

    expect(deployments).toHaveLength(2);
    expect(statuses.map(({ deployment, state }) => [deployment, state])).toEqual([
      ...[
        [1, 'queued'],
        [1, 'in_progress'],
        [1, 'success'],
        [2, 'success'],
      ],
    ]);
  });

  test('is found behind those of others, whatever is in them', async () => {
    const { sink, deployments, statuses, add } = await withSettings();
    await sink.send(aMessage({ kind: 'update.approved' }), signal);
    const others = [
      'text',
      null,
      [],
      { updatekate: 'x' },
      { updatekate: { thread: 1 } },
      {},
      {},
      {},
      {},
      {},
      {},
    ];
    for (const payload of others) add({ ref: '1.1.0', environment: 'till' }, payload);

    await sink.send(aMessage(), signal);

    expect(deployments).toHaveLength(1 + others.length);
    expect(statuses.map(({ deployment }) => deployment)).toEqual([1, 1]);
  });

  test('is not looked for without end', async () => {
    const { sink, add, lines } = await withSettings();
    for (let n = 0; n < 200; n++) add({ ref: '1.1.0', environment: 'till' });

    await sink.send(aMessage(), signal);

    expect(lines().filter((line) => line.startsWith('GET'))).toHaveLength(10);
  });

  test('whose status was not taken has the same deployment with the next try', async () => {
    const started = await withSettings();
    started.next(json(200, []));
    started.next((response, request) => {
      started.add(
        { ref: '1.1.0', environment: 'till' },
        (JSON.parse(request.body) as { payload: unknown }).payload,
      );
      hangUp(response, request);
    });

    await expect(started.sink.send(aMessage(), signal)).rejects.toMatchObject({ code: 'unavailable' });
    await started.sink.send(aMessage(), signal);

    expect(started.deployments).toHaveLength(1);
    expect(started.statuses).toHaveLength(1);
  });

  test.each([
    ['awaiting-approval', 'queued', 'pending'],
    ['approved', 'in_progress', 'pending'],
    ['rejected', 'inactive', 'error'],
    ['expired', 'inactive', 'error'],
    ['superseded', 'inactive', 'error'],
    ['succeeded', 'success', 'success'],
    ['failed', 'failure', 'failure'],
  ] as const)('that is %s has the state %s, and its commit %s', async (kind, deployment, commit) => {
    const { sink, statuses, commitStatuses } = await withSettings({ commitStatus: true });

    await sink.send(aMessage({ kind: `update.${kind}` }), signal);

    expect([statuses[0]?.state, commitStatuses[0]?.state]).toEqual([deployment, commit]);
  });

  test('has a description of 140 characters at most, on a line, without what GitHub refuses', async () => {
    const { sink, deployments, statuses } = await withSettings();

    await sink.send({ ...aMessage(), text: `shop\n🚢 sails ${'x'.repeat(200)}` }, signal);

    const description = `shop · \ufffd sails ${'x'.repeat(124)}…`;
    expect(description).toHaveLength(140);
    expect([deployments[0]?.description, statuses[0]?.description]).toEqual([description, description]);
  });

  test('that failed says why before it says anything else', async () => {
    const { sink, statuses } = await withSettings();

    await sink.send(
      aMessage({ kind: 'update.failed', reason: 'ImagePullBackOff', message: 'pod shop-1\nback-off' }),
      signal,
    );

    expect(statuses[0]?.description).toMatch(
      /^shop not deployed to till · Reason: ImagePullBackOff · pod shop-1 · back-off · Image: /,
    );
  });

  test('has the first 1000 characters of the text in its payload, none of them half', async () => {
    const { sink, deployments } = await withSettings();

    await sink.send({ ...aMessage(), text: `x${'🚢'.repeat(600)}` }, signal);

    expect(deployments[0]?.payload.updatekate.text).toBe(`x${'🚢'.repeat(499)}…`);
  });

  test.each([undefined, 'javascript:alert(1)', '/till/shop'])(
    'without an address has no link: %s',
    async (link) => {
      const { sink, statuses, commitStatuses } = await withSettings({ commitStatus: true });

      await sink.send(aMessage({ link }), signal);

      expect(statuses).toHaveLength(1);
      expect(statuses[0]).not.toHaveProperty('log_url');
      expect(commitStatuses[0]).not.toHaveProperty('target_url');
    },
  );
});

describe('a change by others', () => {
  const { workload } = aMessage().notice;
  /** What is said of the images that the workload comes to. */
  const change = (kind: NoticeKind, from: string, to: string, different: Partial<Notice> = {}) =>
    aMessageOf(kind, {
      images: [
        { container: 'app', from: from && `quay.io/acme/shop:${from}`, to: `quay.io/acme/shop:${to}` },
      ],
      ...{ thread: `ch-${to}`, ...different },
    });

  test.each([
    ['workload.created', 'success', 'success'],
    ['workload.image-changed', 'success', 'success'],
    ['workload.failed', 'failure', 'failure'],
    ['workload.recovered', 'success', 'success'],
  ] as const)('that is %s and brings an image is a deployment: %s', async (kind, deployment, commit) => {
    const { sink, deployments, statuses, commitStatuses } = await withSettings({ commitStatus: true });

    await sink.send(change(kind, '1.0.0', '1.1.0'), signal);

    expect(deployments).toMatchObject([{ ref: '1.1.0', environment: 'till' }]);
    expect([statuses[0]?.state, commitStatuses[0]?.state]).toEqual([deployment, commit]);
  });

  test.each(['config-changed', 'restarted', 'scaled', 'autoscaled'] as const)(
    'that is %s deploys nothing',
    async (word) => {
      const { sink, lines } = await withSettings();

      await sink.send(change(`workload.${word}`, '1.0.0', '1.1.0'), signal);

      expect(lines()).toEqual([]);
    },
  );

  test.each(['workload.failed', 'workload.recovered'] as const)(
    'that is %s without an image is no deployment of its own, and a status of the one that brought it',
    async (kind) => {
      const { sink, deployments, statuses } = await withSettings();
      await sink.send(change(kind, '1.1.0', '1.1.0'), signal);
      expect([deployments, statuses]).toEqual([[], []]);

      await sink.send(change('workload.image-changed', '1.0.0', '1.1.0'), signal);
      await sink.send(change(kind, '1.1.0', '1.1.0', { thread: 'ch-config' }), signal);
      await sink.send(change(kind, '1.1.0', '1.1.0'), signal);

      expect(deployments).toHaveLength(1);
      expect(statuses.map(({ state }) => state)).toEqual([
        'success',
        kind === 'workload.failed' ? 'failure' : 'success',
      ]);
    },
  );

  test('that undoes a failure leaves it a failure: it is another image that is well', async () => {
    const { sink, statuses } = await withSettings();

    await sink.send(change('workload.failed', '1.0.0', '1.1.0'), signal);
    await sink.send(change('workload.recovered', '1.0.0', '1.0.0', { thread: 'ch-1.1.0' }), signal);

    expect(statuses.map(({ state }) => state)).toEqual(['failure']);
  });

  test('is nowhere when it is not known which image the repository is for', async () => {
    const { sink, lines } = await withSettings({ image: undefined });

    await sink.send(change('workload.image-changed', '1.0.0', '1.1.0'), signal);
    await sink.send(change('workload.deleted', '1.1.0', '1.1.0'), signal);

    expect(lines()).toEqual([]);
  });

  test('that deletes a workload ends its deployments, back to the last one that came up', async () => {
    const { sink, statuses, commitStatuses, lines } = await withSettings({ commitStatus: true });
    await sink.send(change('workload.created', '', '1.0.0'), signal);
    await sink.send(change('workload.image-changed', '1.0.0', '1.1.0'), signal);
    await sink.send(change('workload.failed', '1.1.0', '1.2.0'), signal);
    const other = { workload: { ...workload, name: 'admin' }, thread: 'ch-admin' };
    await sink.send(change('workload.failed', '1.0.0', '1.1.0', other), signal);
    const [before, beforeOfCommits] = [statuses.length, commitStatuses.length];

    await sink.send(change('workload.deleted', '1.2.0', '1.2.0', { thread: 'ch-gone' }), signal);
    expect(lines().filter((line) => line.endsWith('/statuses?per_page=1'))).toHaveLength(2);
    await sink.send(change('workload.deleted', '1.2.0', '1.2.0', { thread: 'ch-gone' }), signal);

    expect(statuses.slice(before)).toMatchObject([
      { deployment: 3, state: 'inactive' },
      { deployment: 2, state: 'inactive' },
    ]);
    expect(statuses[before]?.description).toMatch(/^shop deleted from till · /);
    expect(commitStatuses).toHaveLength(beforeOfCommits);
  });

  test('that deletes a workload ends nothing of the one that came after it', async () => {
    const { sink, statuses } = await withSettings();
    await sink.send(change('workload.created', '', '1.1.0', { at: '2026-01-01T00:20:00.000Z' }), signal);

    await sink.send(change('workload.deleted', '1.0.0', '1.0.0', { at: '2026-01-01T00:19:00.000Z' }), signal);

    expect(statuses.map(({ state }) => state)).toEqual(['success']);
  });
});

test('what is shown is known of kinds by the settings, before anything is opened', () => {
  const told = (different: object) =>
    noticeKinds.filter(github.settings.parse(githubSettings(different)).tells);
  const ofUpdates = noticeKinds.filter((kind) => kind.startsWith('update.'));

  expect(told({})).toEqual(ofUpdates);
  expect(told({ image: 'quay.io/acme/shop' })).toEqual([
    ...ofUpdates,
    ...['workload.created', 'workload.image-changed', 'workload.deleted', 'workload.failed'],
    'workload.recovered',
  ]);
});

describe('where it is', () => {
  test('follows from the templates', async () => {
    const { sink, deployments, commitStatuses } = await withSettings({
      ...{ environment: '{cluster}/{namespace}-{workload}', ref: 'v{tag}', commitStatus: true },
    });

    await sink.send(aMessage(), signal);

    expect(deployments).toMatchObject([{ environment: 'north/till-shop', ref: 'v1.1.0' }]);
    expect(commitStatuses).toMatchObject([
      { context: 'updatekate/north/till-shop/shop', sha: 'sha-of-v1.1.0' },
    ]);
  });

  test('has names as long as GitHub takes, always the same and each its own, however long those of workloads', async () => {
    const { workload } = aMessage().notice;
    const told = (different: string) =>
      aMessage({
        thread: `up-${different}`,
        workload: { ...workload, name: `${'x'.repeat(252)}${different}` },
      });
    const { sink, deployments, commitStatuses } = await withSettings({
      ...{ environment: '{namespace}/{workload}', commitStatus: true },
    });

    for (const message of [told('a'), told('b'), told('a')]) await sink.send(message, signal);

    const name = /^till\/x{237}-[0-9a-f]{12}$/;
    expect(deployments.map(({ environment }) => environment)).toEqual([
      expect.stringMatching(name),
      expect.stringMatching(name),
    ]);
    const contexts = commitStatuses.map(({ context }) => context);
    expect(contexts.every((context) => /^updatekate\/till\/x{226}-[0-9a-f]{12}$/.test(context))).toBe(true);
    expect(contexts).toEqual([contexts[0], contexts[1], contexts[0]]);
    expect(new Set(deployments.map(({ environment }) => environment)).size).toBe(2);
    expect(new Set(contexts).size).toBe(2);
  });

  test.each([
    ['255 characters is as it is', 12, `x${'🚢'.repeat(121)}${'n'.repeat(12)}`],
    ['256 is cut, and has no half of one', 13, expect.stringMatching(/^x(?:🚢){120}\ufffd-[0-9a-f]{12}$/u)],
  ])('and has a name that of %s', async (_what, length, name) => {
    const workload = { ...aMessage().notice.workload, namespace: 'n'.repeat(length) };
    const { sink, deployments } = await withSettings({ environment: `x${'🚢'.repeat(121)}{namespace}` });

    await sink.send(aMessage({ workload }), signal);

    expect(deployments).toMatchObject([{ environment: name }]);
  });

  test('is the tag of the first image, where none is set', async () => {
    const { sink, deployments } = await withSettings({ image: undefined });

    await sink.send(anUpdateOf('quay.io/acme/proxy:7', 'quay.io/acme/shop:1.1.0'), signal);

    expect(deployments).toMatchObject([{ ref: '7' }]);
  });

  test.each(['quay.io/acme/shop', 'QUAY.IO/acme/shop'])(
    'is the tag of the image that is set: %s',
    async (image) => {
      const { sink, deployments } = await withSettings({ image });

      await sink.send(anUpdateOf('quay.io/acme/proxy:7', 'quay.io/acme/shop:1.1.0'), signal);

      expect(deployments).toMatchObject([
        { ref: '1.1.0', payload: { updatekate: { image: 'quay.io/acme/shop:1.1.0' } } },
      ]);
    },
  );

  test('knows an image by any spelling of it', async () => {
    const { sink, deployments } = await withSettings({ image: 'docker.io/library/nginx' });

    await sink.send(anUpdateOf('nginx:1.29.0'), signal);

    expect(deployments).toMatchObject([{ ref: '1.29.0' }]);
  });

  test('is nowhere for an update of other images', async () => {
    const { sink, lines } = await withSettings({ image: 'quay.io/acme/shop' });

    await sink.send(anUpdateOf('quay.io/acme/shop-admin:1.1.0'), signal);

    expect(lines()).toEqual([]);
  });

  test('is nowhere for an image without a tag, and never will be', async () => {
    const { sink, lines } = await withSettings();

    await expect(
      sink.send(anUpdateOf(`quay.io/acme/shop@sha256:${'a'.repeat(64)}`), signal),
    ).rejects.toMatchObject({ code: 'gone' });
    expect(lines()).toEqual([]);
  });

  test('may be a branch, which needs no tag', async () => {
    const { sink, deployments } = await withSettings({ ref: 'main' });

    await sink.send(anUpdateOf(`quay.io/acme/shop@sha256:${'a'.repeat(64)}`), signal);

    expect(deployments).toMatchObject([{ ref: 'main' }]);
  });
});

describe('a refusal', () => {
  const refused = async (...answers: readonly Answer[]): Promise<unknown> =>
    refusedWith(await withSettings(), ...answers);
  const used = (remaining: number): ReturnType<typeof json> =>
    json(200, { resources: { core: { limit: 5000, remaining, reset: Date.UTC(2026, 0, 1, 0, 7) / 1000 } } });
  const hourlyLimit = json(403, { message: 'API rate limit exceeded for user ID 1.' });

  test('is in the words of GitHub, without the token', async () => {
    const errors = [{ message: `not with ${token}` }, { code: 'invalid' }, 'text'];

    expect(await refused(json(422, { message: 'Validation Failed', errors }))).toMatchObject({
      ...{ code: 'invalid', message: 'GitHub answered 422: Validation Failed; not with ***' },
    });
  });

  test('of a ref that is not there says so', async () => {
    const { sink } = await withSettings({ ref: 'release notes/{tag}' });

    await expect(sink.send(aMessage(), signal)).rejects.toMatchObject({
      ...{
        code: 'invalid',
        message: 'GitHub answered 422: Validation Failed; No ref found for: release notes/1.1.0',
      },
    });
  });

  test.each([
    [
      '403 for other reasons',
      json(403, { message: 'Resource not accessible by personal access token' }),
      'forbidden',
    ],
    ['a repository that is not seen', json(404, { message: 'Not Found' }), 'not-found'],
    ['a page in between', status(502, {}, '<html>'), 'unavailable'],
    ['a page in between that says 200', status(200, {}, '<html>'), 'unavailable'],
    ['a repository with a new name', json(301, { message: 'Moved Permanently' }), 'bad-request'],
  ])('is known for what it is: %s', async (_what, answer, code) => {
    expect(await refused(answer)).toMatchObject({ code });
  });

  test('for the requests of an hour lasts until it is over', async () => {
    expect(await refused(hourlyLimit, used(0))).toMatchObject({
      code: 'rate-limited',
      retryAfterMs: 7 * 60_000,
    });
  });

  test.each([
    ['there are requests left', used(12)],
    ['GitHub does not say', json(404, { message: 'Not Found' })],
    ['nothing answers', hangUp],
  ])('for going too fast lasts a minute where %s', async (_what, limits) => {
    expect(await refused(secondaryLimit(), limits)).toMatchObject({
      code: 'rate-limited',
      retryAfterMs: 60_000,
    });
  });

  test.each([403, 429])('with %i and a time to wait is one of pace, whatever it says', async (code) => {
    expect(await refused(json(code, {}, { 'retry-after': '9' }))).toMatchObject({
      ...{ code: 'rate-limited', retryAfterMs: 9000, message: `GitHub answered ${code}` },
    });
  });

  test('with 429 and no time to wait lasts until the hour is over, too', async () => {
    expect(await refused(json(429, {}), used(0))).toMatchObject({ retryAfterMs: 7 * 60_000 });
  });
});

describe('settings', () => {
  const image = 'the repository of an image without tag, such as quay.io/acme/shop';
  const environment = 'a name, in which {cluster}, {namespace}, {workload} stand for what they say';
  const ref = 'a Git ref, in which {tag} stands for the tag of the image';
  const api = 'an address such as https://api.github.com or https://HOST/api/v3';

  test.each([
    ['the repository and the token only', {}],
    ['an address of GitHub Enterprise Server', { api: 'https://github.acme.example/api/v3/' }],
    ['the name of a managed user', { repository: 'ann_acme/shop.web' }],
  ])('may have %s', (_what, different) => {
    expect(problemsIn(github, githubSettings(different))).toBeUndefined();
  });

  test.each([
    ['the token itself', { token }, '{ env: NAME } or { file: PATH }, never the secret itself'],
    ['a token of two lines', { token: secretText('a\nb') }, 'a secret that is a token of GitHub'],
    ['no repository', { repository: undefined }, 'owner/name'],
    ['an address as repository', { repository: 'https://github.com/acme/shop' }, 'owner/name'],
    ['a way out of the repositories', { repository: 'acme/..' }, 'owner/name'],
    ['an image with a tag', { image: 'quay.io/acme/shop:1' }, image],
    ['an image that is none', { image: 'UPPER CASE' }, image],
    ['an environment of an unknown part', { environment: '{team}' }, environment],
    ['an empty environment', { environment: '' }, environment],
    ['a ref of an unknown part', { ref: 'v{version}' }, ref],
    ['a ref with half a part', { ref: 'v{tag' }, ref],
    ['commitStatus as a text', { commitStatus: 'yes' }, 'true or false'],
    ['no address', { api: 'api.github.com' }, api],
    ['another key', { auto_merge: true }, 'repository, token, image, environment, ref, commitStatus, api'],
  ])('are refused with %s', (_what, different, problem) => {
    expect(problemsIn(github, githubSettings(different))).toEqual([problem]);
  });
});
