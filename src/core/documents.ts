/** A text that is kept under a name, with the mark that a later write must present. */
export interface StoredDocument {
  readonly text: string;
  readonly revision: string;
}

/** Keeps whole texts by name, such as `deployment-events-v2-platform-till.json`: each name is one that Kubernetes takes. */
export interface Documents {
  /**
   * `undefined` when there is none.
   *
   * @throws AppError `unavailable`, `forbidden` and others when it cannot be known.
   */
  read(name: string, signal: AbortSignal): Promise<StoredDocument | undefined>;
  /**
   * Writes it where a crash does not lose it, and gives its new revision.
   *
   * @param revision of what is replaced; `undefined` = there must be none.
   * @param mayStill throws when the writer may write no more. What cannot tell two writers apart by the revision asks it
   * right before the bytes go: this process may have stood still since it looked, and another one be in its place.
   * @throws AppError `conflict` when somebody else has written it since; what `mayStill` throws.
   */
  write(
    name: string,
    text: string,
    revision: string | undefined,
    signal: AbortSignal,
    mayStill?: () => void,
  ): Promise<string>;
  close(): Promise<void>;
}
