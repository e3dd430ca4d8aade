import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { changeNotice, type ChangePlace } from '../../src/core/change-notice.ts';
import type { Change } from '../../src/core/change.ts';
import { longestProblem } from '../../src/core/update.ts';
import { imagePage, parseUpdateLink } from '../../src/core/update-link.ts';
import { keyOf } from '../support/builders.ts';

const now = new Date('2026-01-01T00:00:00Z');
const place: ChangePlace = { workload: keyOf(), team: 'checkout', link: imagePage };
const image = { container: 'app', from: 'quay.io/acme/shop:1', to: 'quay.io/acme/shop:2' };
const change: Change = {
  ...{ kind: 'workload.image-changed', thread: 'ch-1', images: [image], by: 'kubectl-set' },
};

describe('the notice of a change', () => {
  test('says what people want to know', () => {
    const { id, ...said } = changeNotice(change, place, now);

    expect(id).toMatch(/^ch-[0-9a-f]{32}-image-changed$/);
    expect(said).toEqual({
      ...{ thread: 'ch-1', kind: 'workload.image-changed', severity: 'info', at: '2026-01-01T00:00:00.000Z' },
      ...{ workload: keyOf(), team: 'checkout', images: [image], by: ['kubectl-set'] },
      ...{ reason: undefined, message: undefined, link: 'https://quay.io/repository/acme/shop?tab=tags' },
    });
  });

  test('says why something failed, on one line of a length that can be read', () => {
    const message = `pod shop-1:\n\u0007 ${'x'.repeat(5000)}`;
    const said = changeNotice(
      { ...change, kind: 'workload.failed', reason: 'ImagePullBackOff', message },
      place,
      now,
    );

    expect(said).toMatchObject({ severity: 'error', reason: 'ImagePullBackOff' });
    expect(said.message).toMatch(/^pod shop-1: \\u\{7\} x+…$/);
    expect(said.message).toHaveLength(longestProblem);
  });

  test('says of a scaling from where to where, and of nobody who it was', () => {
    const scale = { from: 2, to: 5 };
    const said = changeNotice({ ...change, kind: 'workload.scaled', scale, by: undefined }, place, now);

    expect(said).toMatchObject({ scale, by: [] });
    expect(changeNotice(change, place, now)).not.toHaveProperty('scale');
  });
});

describe('its id', () => {
  const idOf = (different: Partial<Change>, there: Partial<ChangePlace> = {}, at = now): string =>
    changeNotice({ ...change, ...different }, { ...place, ...there }, at).id;

  test('is the same for the same', () => {
    expect(idOf({})).toBe(idOf({}, { team: undefined }));
  });

  test.each<[string, string]>([
    ['at another time', idOf({}, {}, new Date(now.getTime() + 1))],
    ['of another workload', idOf({}, { workload: keyOf('till') })],
    ['of another image', idOf({ images: [{ ...image, to: 'quay.io/acme/shop:3' }] })],
    ['of another kind', idOf({ kind: 'workload.failed' })],
    ['of other pods', idOf({ scale: { from: 1, to: 2 } })],
  ])('is another for what is told %s', (_what, id) => {
    expect(id).not.toBe(idOf({}));
  });

  test('is a name that Kubernetes takes, whatever the images are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (to) => {
        expect(idOf({ images: [{ ...image, to }] })).toMatch(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);
      }),
    );
  });
});

describe('its link', () => {
  const link = parseUpdateLink('https://argo.example/{namespace}/{workload}/{repository}:{tag}');
  const linkOf = (to: string, images = [{ ...image, to }]): string | undefined =>
    link && changeNotice({ ...change, images }, { ...place, link }, now).link;
  const digest = `sha256:${'0'.repeat(64)}`;

  test.each([
    ['quay.io/acme/shop:2', 'https://argo.example/default/shop/quay.io/acme/shop:2'],
    ['nginx:1', 'https://argo.example/default/shop/docker.io/library/nginx:1'],
    [`nginx:1@${digest}`, 'https://argo.example/default/shop/docker.io/library/nginx:1'],
    [`nginx@${digest}`, undefined],
    ['nginx', undefined],
    ['not an image', undefined],
    ['', undefined],
  ])('of %j leads to %s', (to, expected) => {
    expect(linkOf(to)).toBe(expected);
  });

  test('is to the first image; where there is none, to what needs none', () => {
    const plain = parseUpdateLink('https://argo.example/{workload}');
    const without = plain && changeNotice({ ...change, images: [] }, { ...place, link: plain }, now).link;

    expect(linkOf('', [{ ...image, to: 'nginx:1' }, image])).toContain('library/nginx:1');
    expect(linkOf('', [])).toBeUndefined();
    expect(without).toBe('https://argo.example/shop');
  });

  test('leads to no update: there is none', () => {
    const toUpdate = parseUpdateLink('https://uk.example/{update}');

    expect(toUpdate).toBeDefined();
    expect(toUpdate && changeNotice(change, { ...place, link: toUpdate }, now).link).toBeUndefined();
  });
});
