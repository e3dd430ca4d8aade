import { expect, test } from '@jest/globals';
import { isImageConfig, isManifestType } from '../../src/core/media-types.ts';

test.each([
  ['application/vnd.docker.distribution.manifest.v1+prettyjws', true],
  ['application/vnd.docker.distribution.manifest.v2+json', true],
  ['application/vnd.docker.distribution.manifest.list.v2+json', true],
  ['application/vnd.oci.image.manifest.v1+json', true],
  ['application/vnd.oci.image.index.v1+json', true],
  ['application/vnd.oci.image.config.v1+json', false],
  ['application/vnd.oci.image.layer.v1.tar+gzip', false],
  ['application/vnd.docker.container.image.rootfs.diff+x-gtar', false],
  ['application/octet-stream', false],
  ['', false],
])('%s is a manifest: %s', (mediaType, expected) => {
  expect(isManifestType(mediaType)).toBe(expected);
});

test.each([
  ['application/vnd.docker.container.image.v1+json', true],
  ['application/vnd.oci.image.config.v1+json', true],
  ['application/vnd.docker.container.image.rootfs.diff+x-gtar', false],
  ['application/vnd.cncf.helm.config.v1+json', false],
  ['application/vnd.oci.empty.v1+json', false],
  ['', false],
])('%s is the configuration of an image: %s', (mediaType, expected) => {
  expect(isImageConfig(mediaType)).toBe(expected);
});
