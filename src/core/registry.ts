/** A webhook as its sender made it. Values, so that a test is a JSON file. */
export interface WebhookRequest {
  /** Lower-cased names, as Node gives them. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: unknown;
  /** Registry host to assume where the payload names none (`?registry=`). */
  readonly registryHost: string | undefined;
}

/** What a registry said: this tag was pushed. A hint, never an order. */
export interface Push {
  /** Canonical repository. */
  readonly repository: string;
  readonly tag: string;
  /** `sha256:…`, when the registry sends one. */
  readonly digest: string | null;
}

/** One registry's webhook dialect. Pure: no I/O, no clock. */
export interface Registry {
  /** Path segment and metric label: `quay` serves `POST /webhook/quay`. */
  readonly name: string;
  /** The vendor's page that defines the payload. */
  readonly spec: string;
  /** Whether a delivery to plain `POST /webhook` is in this dialect. */
  recognises(request: WebhookRequest): boolean;
  /**
   * Every image tag announced; `[]` for a valid event that is no image push.
   *
   * @throws AppError `bad-request` when the body is not this dialect at all.
   */
  parse(request: WebhookRequest): readonly Push[];
}
