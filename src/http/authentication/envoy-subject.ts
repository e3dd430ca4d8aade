const fields = ['by', 'hash', 'cert', 'chain', 'subject', 'uri', 'dns'];

/**
 * The subject in `x-forwarded-client-cert`: `By=…;Hash=…;Subject="CN=quay,O=Acme"`. Every proxy adds an element behind a
 * comma: only what the nearest one added, the last, is taken. The text before it may be a stranger's, so all of it must
 * be well formed.
 * https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/headers#x-forwarded-client-cert
 *
 * @returns empty when the last element has none, undefined when this is no such header.
 */
export function envoySubject(header: string): string | undefined {
  let end = 0;
  let subject = '';
  for (const match of header.matchAll(/(^|[;,]) *([A-Za-z]+)=("(?:[^"\\]|\\.)*"|[^",;]*)/gy)) {
    const [whole, separator, field = '', value = ''] = match;
    if (!fields.includes(field.toLowerCase())) return undefined;
    end = match.index + whole.length;
    if (separator === ',') subject = '';
    if (field.toLowerCase() === 'subject') subject = value.replace(/^"(.*)"$/s, '$1').replaceAll('\\"', '"');
  }
  return end === header.length && end > 0 ? subject : undefined;
}
