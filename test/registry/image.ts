import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly platform?: { readonly os: string; readonly architecture: string };
}

const oci = 'application/vnd.oci.image';

/**
 * Writes an image as an OCI layout that can be copied to a registry: an index of one manifest for each architecture,
 * or, for one architecture, the manifest alone. https://github.com/opencontainers/image-spec/blob/main/image-layout.md
 *
 * @param content makes it another image than every other.
 */
export function writeImage(folder: string, content: string, architectures: readonly string[]): void {
  const blobs = join(folder, 'blobs', 'sha256');
  mkdirSync(blobs, { recursive: true });
  const write = (mediaType: string, bytes: Buffer): Descriptor => {
    const hex = createHash('sha256').update(bytes).digest('hex');
    writeFileSync(join(blobs, hex), bytes);
    return { mediaType, digest: `sha256:${hex}`, size: bytes.length };
  };
  const writeJson = (mediaType: string, value: object): Descriptor =>
    write(mediaType, Buffer.from(JSON.stringify(value)));

  const manifests = architectures.map((architecture): Descriptor => {
    // Two blocks of zeros are an empty archive; what follows them is not read.
    const tar = Buffer.concat([Buffer.alloc(1024), Buffer.from(`${content} ${architecture}`)]);
    const layer = write(`${oci}.layer.v1.tar+gzip`, gzipSync(tar));
    const diff = `sha256:${createHash('sha256').update(tar).digest('hex')}`;
    const platform = { os: 'linux', architecture };
    const rootfs = { type: 'layers', diff_ids: [diff] };
    const config = writeJson(`${oci}.config.v1+json`, { ...platform, config: {}, rootfs });
    const mediaType = `${oci}.manifest.v1+json`;
    const manifest = writeJson(mediaType, { schemaVersion: 2, mediaType, config, layers: [layer] });
    return { ...manifest, platform };
  });
  const mediaType = `${oci}.index.v1+json`;
  const roots =
    manifests.length === 1 ? manifests : [writeJson(mediaType, { schemaVersion: 2, mediaType, manifests })];
  writeFileSync(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: roots }));
  writeFileSync(join(folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
}
