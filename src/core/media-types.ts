/**
 * Whether a media type is one of a manifest or an index, not of a layer or a configuration. Docker's and OCI's own.
 * https://github.com/opencontainers/image-spec/blob/main/media-types.md
 */
export function isManifestType(mediaType: string): boolean {
  return /^application\/vnd\.(?:docker\.distribution\.manifest(?:\.list)?|oci\.image\.(?:manifest|index))\.v\d/.test(
    mediaType,
  );
}

/** Whether a manifest with a configuration of this media type is an image that can run, not a chart or an attachment. */
export function isImageConfig(mediaType: string): boolean {
  return /^application\/vnd\.(?:docker\.container\.image|oci\.image\.config)\.v\d/.test(mediaType);
}
