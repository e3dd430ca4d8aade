/** What names a CloudEvent. https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md#context-attributes */
export interface CloudEventAttributes {
  /** With `source` unique for ever. */
  readonly id: string;
  /** A URI reference. */
  readonly source: string;
  readonly type: string;
  readonly subject: string;
  /** RFC 3339. */
  readonly time: string;
}

/** The `source` of what is told of a cluster. */
export function sourceOf(cluster: string): string {
  return `/updatekate/${encodeURIComponent(cluster.toWellFormed())}`;
}

/**
 * The headers of an event whose body is its data (binary mode).
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md#31-binary-content-mode
 */
export function cloudEventHeaders(attributes: CloudEventAttributes): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries({ specversion: '1.0', ...attributes }).map(([name, value]) => [
      `ce-${name}`,
      headerValue(value),
    ]),
  );
}

/** Space, quote, percent sign and whatever is not printable ASCII are percent-encoded: section 3.1.3.2. */
function headerValue(text: string): string {
  return text.toWellFormed().replace(/[^\x21-\x7e]|["%]/gu, encodeURIComponent);
}
