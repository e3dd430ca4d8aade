/** Whether this process is the one replica that reconciles. */
export interface Leadership {
  /**
   * Asked right before every write. A promise about time and not a lock: what is under way when it turns false may
   * still take effect, so writes carry a name or a revision besides. Once false it stays so for the rest of the term.
   */
  holds(): boolean;
}

/** Told of the terms of a leadership: `acquired`, `lost`, `acquired` … Neither may throw. */
export interface ElectionListener {
  acquired(): void;
  lost(): void;
}

/** How one of several replicas becomes the leader. */
export interface Election extends Leadership {
  /** Stands for election until `signal` fires, then gives up what it holds; resolves after the last `lost`. */
  run(signal: AbortSignal, listener: ElectionListener): Promise<void>;
}
