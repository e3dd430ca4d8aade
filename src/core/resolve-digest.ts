/** Whether `text` is a digest that an image can be pinned to. https://github.com/opencontainers/image-spec/blob/main/descriptor.md#digests */
export function isDigest(text: string): boolean {
  return /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/.test(text);
}

/**
 * Asks the registry which digest a tag has now: for a push that came without one, before its update is delivered.
 *
 * @param repository canonical, `host/path`.
 * @returns `undefined` when the registry has no such tag.
 * @throws AppError `unavailable`, `timeout`, `unauthorized` or `forbidden` when the registry does not tell.
 */
export type ResolveDigest = (
  repository: string,
  tag: string,
  signal: AbortSignal,
) => Promise<string | undefined>;
