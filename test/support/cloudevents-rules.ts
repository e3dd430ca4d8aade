/** A request as far as CloudEvents have to do with it; names of headers are in small letters. */
export interface BinaryEvent {
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/**
 * What CloudEvents 1.0 demand of an event in binary mode:
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md#context-attributes and
 * …/bindings/http-protocol-binding.md#31-binary-content-mode. Extensions are faults: we have none.
 */
const attributes: Readonly<Record<string, RegExp>> = {
  specversion: /^1\.0$/,
  id: /^[^]+$/,
  // A URI reference: what needs encoding is encoded.
  source: /^(?:[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=]|%[0-9A-F]{2})+$/,
  // "SHOULD be prefixed with a reverse-DNS name" of whoever says what it means.
  type: /^dev\.(?:updatekate|cdevents)\.[a-z0-9.-]+$/,
  subject: /^[^]+$/,
  time: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/,
};

/** Everything that is wrong with it; empty = valid. */
export function cloudEventFaults({ headers, body }: BinaryEvent): readonly string[] {
  const given = Object.entries(headers).filter(([name]) => name.startsWith('ce-'));
  const names = Object.keys(attributes);
  return [
    ...names.filter((name) => !(`ce-${name}` in headers)).map((name) => `${name} is missing`),
    ...given.filter(([name]) => !names.includes(name.slice(3))).map(([name]) => `${name} may not be there`),
    ...given.filter(([, value]) => !isEncoded(value)).map(([name]) => `${name} is not encoded`),
    ...given
      .filter(([name, value]) => isEncoded(value) && !attributes[name.slice(3)]?.test(decoded(value)))
      .map(([name, value]) => `${name} does not fit: ${String(value)}`),
    // What of it is the attribute `datacontenttype` is this header.
    ...(headers['content-type'] === 'application/json' ? [] : ['the content type is not that of JSON']),
    ...(isJson(body) ? [] : ['the body is no JSON']),
  ];
}

/** Section 3.1.3.2: printable, without spaces and quotes, and UTF-8 behind every percent sign. */
function isEncoded(value: unknown): boolean {
  if (typeof value !== 'string' || !/^[\x21\x23-\x7e]*$/.test(value)) return false;
  try {
    decodeURIComponent(value);
    return true;
  } catch {
    return false;
  }
}

function decoded(value: unknown): string {
  return decodeURIComponent(String(value));
}

function isJson(body: string): boolean {
  try {
    JSON.parse(body);
    return true;
  } catch {
    return false;
  }
}
