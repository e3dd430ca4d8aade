import { describe, expect, test } from '@jest/globals';
import { outgoingEvent } from '../../src/core/announcement.ts';
import { isEnd, transitions, type Phase } from '../../src/core/phases.ts';
import { enter } from '../../src/core/update.ts';
import { anUpdate } from '../support/builders.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const name = 'up-5cda37ce08ca1b617069101933d11c90de246f4c';
const at = (second: number): Date => new Date(Date.UTC(2026, 0, 1, 0, 0, second));
const delivering = enter(anUpdate(), 'Delivering', at(1));
const rollingOut = enter(delivering, 'RollingOut', at(2));
const succeeded = enter(rollingOut, 'Succeeded', at(9));

describe('outgoingEvent', () => {
  test('of a success is this JSON', () => {
    const event = outgoingEvent(succeeded);

    expect(JSON.stringify(event, undefined, 2)).toBe(`{
  "timestamp": "2026-01-01T00:00:09.000Z",
  "repository": "shop",
  "namespace": "default",
  "docker_url": "quay.io/acme/shop:1.1.0",
  "id": "${name}-succeeded",
  "type": "update.succeeded",
  "cluster": "default",
  "kind": "Deployment",
  "deployment": "shop",
  "container": "app",
  "containers": [
    "app"
  ],
  "image": "quay.io/acme/shop:1.1.0",
  "previousImage": "quay.io/acme/shop:1.0.0",
  "digest": null,
  "status": "succeeded",
  "reason": null,
  "message": null,
  "approvedBy": [],
  "durationMs": 9000,
  "verdictUrl": null
}`);
  });

  test('of a failure is this JSON', () => {
    const [first] = rollingOut.moves;
    const moves = first ? [first, { ...first, container: 'migrate', init: true }] : [];
    const failed = enter({ ...rollingOut, digest, moves }, 'Failed', at(60), {
      reason: 'ImagePullBackOff',
      message: 'pod shop-1, container app: not found',
    });

    const event = outgoingEvent(failed);

    expect(JSON.parse(JSON.stringify(event))).toEqual({
      timestamp: '2026-01-01T00:01:00.000Z',
      repository: 'shop',
      namespace: 'default',
      docker_url: 'quay.io/acme/shop:1.1.0',
      id: `${name}-failed`,
      type: 'update.failed',
      cluster: 'default',
      kind: 'Deployment',
      deployment: 'shop',
      container: 'app',
      containers: ['app', 'migrate'],
      image: 'quay.io/acme/shop:1.1.0',
      previousImage: 'quay.io/acme/shop:1.0.0',
      digest,
      status: 'failed',
      reason: 'ImagePullBackOff',
      message: 'pod shop-1, container app: not found',
      approvedBy: [],
      durationMs: 60_000,
      verdictUrl: null,
    });
  });

  test.each([
    ['docker.io/library/shop', 'shop:1.1.0', 'shop:1.1.0'],
    ['host:5000/shop', 'host:5000/shop:1.1.0', 'host:5000/shop:1.1.0'],
    ['quay.io/acme/shop', `quay.io/acme/shop:1.1.0@${digest}`, 'quay.io/acme/shop:1.1.0'],
    ['quay.io/acme/shop', 'no image!', 'quay.io/acme/shop:1.1.0'],
  ])('of %s at %s has the docker_url %s', (repository, to, url) => {
    const moves = [{ container: 'app', init: false, from: 'shop:1.0.0', to }];

    const event = outgoingEvent({ ...succeeded, repository, moves });

    expect(event?.docker_url).toBe(url);
  });

  const silent = (Object.keys(transitions) as Phase[]).filter(
    (phase) => !['Succeeded', 'Failed'].includes(phase),
  );
  test.each(silent)('of an update that is %s is none', (phase) => {
    const finishedAt = isEnd(phase) ? at(9).toISOString() : undefined;

    const event = outgoingEvent(anUpdate({ phase, finishedAt }));

    expect(event).toBeUndefined();
  });

  test.each([
    ['moves nothing', { moves: [] }],
    ['has no end', { finishedAt: undefined }],
  ])('of a record that %s is none', (_what, different) => {
    const event = outgoingEvent({ ...succeeded, ...different });

    expect(event).toBeUndefined();
  });
});
