import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { imagePage, linkParts, parseUpdateLink } from '../../src/core/update-link.ts';
import { anUpdate, keyOf } from '../support/builders.ts';

describe('a template of links', () => {
  test('is filled with what an update says, fit for a URL', () => {
    const link = parseUpdateLink(
      'https://argo.example:8443/a/{namespace}/{kind}/{workload}?c={cluster}&u={update}#{repository}:{tag}',
    );
    const update = anUpdate({ tag: '1.0+b&c', repository: 'quay.io/acme/my shop' });

    expect(link?.(update)).toBe(
      `https://argo.example:8443/a/default/Deployment/shop?c=default&u=${update.name}#quay.io/acme/my%20shop:1.0%2Bb%26c`,
    );
  });

  test.each([
    ['{namespace}/{kind}/{workload}', 'default/Deployment/shop'],
    ['{workload}?t={tag}', undefined],
    ['{repository}', undefined],
    ['{update}', undefined],
    ['', ''],
  ])('of what is no update, and has no image, fills %j with %s', (rest, filled) => {
    const link = parseUpdateLink(`https://argo.example/${rest}`);

    expect(link?.({ workload: keyOf() })).toBe(
      filled === undefined ? undefined : `https://argo.example/${filled}`,
    );
  });

  test('of a change has the image, where that can be read', () => {
    const link = parseUpdateLink('https://argo.example/{repository}:{tag}');
    const workload = keyOf();

    expect(link?.({ workload, repository: 'quay.io/acme/shop', tag: '2' })).toBe(
      'https://argo.example/quay.io/acme/shop:2',
    );
    expect(link?.({ workload, repository: 'quay.io/acme/shop' })).toBeUndefined();
  });

  test('may have nothing to fill', () => {
    expect(parseUpdateLink('http://wiki.example/deploys')?.(anUpdate())).toBe('http://wiki.example/deploys');
  });

  test.each([
    ...['https://{workload}.example/', 'https://argo.example:{tag}/', '{repository}', 'javascript:{tag}'],
    ...[
      'https://argo.example/{name}',
      'https://argo.example/{',
      'https://argo.example/a b',
      'argo.example',
      '',
    ],
  ])('is not %j', (template) => {
    expect(parseUpdateLink(template)).toBeUndefined();
  });

  test('leads to its own host, whatever is pushed', () => {
    const link = parseUpdateLink('https://argo.example/{repository}?t={tag}');
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (repository, tag) => {
        expect(URL.parse(link?.(anUpdate({ repository, tag })) ?? '')?.origin).toBe('https://argo.example');
      }),
    );
  });
});

test.each([
  ['quay.io/acme/shop', 'https://quay.io/repository/acme/shop?tab=tags'],
  ['docker.io/acme/shop', 'https://hub.docker.com/r/acme/shop/tags?name=1.1.0'],
  ['docker.io/library/nginx', 'https://hub.docker.com/_/nginx/tags?name=1.1.0'],
  ['registry.acme.example/shop', undefined],
])('the page of %s is %s', (repository, page) => {
  expect(imagePage(anUpdate({ repository }))).toBe(page);
});

test('there is no page of what has no image, and one of an image without a tag', () => {
  const workload = keyOf();

  expect(imagePage({ workload })).toBeUndefined();
  expect(imagePage({ workload, repository: 'quay.io/acme/shop' })).toBe(
    'https://quay.io/repository/acme/shop?tab=tags',
  );
  expect(imagePage({ workload, repository: 'docker.io/acme/shop' })).toBe(
    'https://hub.docker.com/r/acme/shop/tags?name=',
  );
});

test('people are told what a template may name', () => {
  expect(linkParts).toBe('{update}, {cluster}, {namespace}, {kind}, {workload}, {repository}, {tag}');
});
