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
   * @throws AppError `conflict` when somebody else has written it since.
   */
  write(name: string, text: string, revision: string | undefined, signal: AbortSignal): Promise<string>;
  close(): Promise<void>;
}
