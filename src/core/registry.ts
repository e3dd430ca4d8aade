/** A webhook as its sender made it. Values, so that a test is a JSON file. */
export interface WebhookRequest {
  /** Lower-cased names, as Node gives them. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The JSON value that the sender meant, whatever it was packed in. */
  readonly body: unknown;
  /** The bytes of the body as they came: what signatures are made over. */
  readonly raw: Uint8Array;
  /** Registry host to assume where the payload names none (`?registry=`). */
  readonly registryHost: string | undefined;
}

/** A tag that was pushed, as the answer to a webhook tells it. */
export interface PushedTag {
  /** Canonical repository. */
  readonly repository: string;
  readonly tag: string;
  /** `sha256:…`, when the registry sends one. */
  readonly digest: string | null;
}

/** What a registry said: this tag was pushed. A hint, never an order. */
export interface Push extends PushedTag {
  /**
   * What the registry calls whoever pushed, where the payload says so: one line, at most `longestPersonText`. As true
   * as the webhook is.
   */
  readonly pushedBy?: string;
}

/**
 * Whether a request shows that its sender knows `secret`. Pure; the time it takes tells nothing about the secret.
 * `core/webhook-proofs.ts` has the usual ones.
 */
export type WebhookProof = (request: WebhookRequest, secret: string) => boolean;

/** What a delivery asks for that announces nothing: a subscription that is being set up. */
export type Handshake =
  /** Is answered 200 with this body. */
  | { readonly kind: 'answer'; readonly body: unknown }
  /** Is answered 200 after this address has been fetched: that is how the sender is told. */
  | { readonly kind: 'confirm'; readonly url: string };

/** One registry's webhook dialect. Pure: no I/O, no clock. */
export interface Registry {
  /** Path segment and metric label: `quay` serves `POST /webhook/quay`. */
  readonly name: string;
  /** The vendor's page that defines the payload. */
  readonly spec: string;
  /** The largest body that it sends, in bytes; 1 MiB when not given. */
  readonly maxBodyBytes?: number;
  /**
   * How its senders can prove themselves besides the ways that are open to all (token in path or query, Bearer, Basic):
   * any one of these is enough.
   */
  readonly proofs?: readonly WebhookProof[];
  /** Whether a delivery to plain `POST /webhook` is in this dialect. */
  recognises(request: WebhookRequest): boolean;
  /** What is to be done instead of parsing; `undefined` for an ordinary delivery. Total. */
  handshake?(request: WebhookRequest): Handshake | undefined;
  /**
   * Every image tag announced; `[]` for a valid event that is no image push.
   *
   * @throws AppError `bad-request` when the body is not this dialect at all.
   */
  parse(request: WebhookRequest): readonly Push[];
}
