import type { IncomingHttpHeaders } from 'node:http';
import { AppError } from '../core/errors.ts';
import { parseJson } from './json.ts';

/** JSON that was sent as a form: GitHub's default, and the field that it uses. */
const formField = 'payload';

/**
 * The JSON value of a body, whatever it is packed in. The content type is not asked: what registries write there is too
 * varied (`text/plain`, vendor types, `curl`'s form type), and no JSON value can be taken for a form.
 *
 * @throws AppError `unsupported-encoding` when the body is compressed, `bad-request` when there is no JSON in it.
 */
export function unpack(headers: IncomingHttpHeaders, raw: Uint8Array): unknown {
  const { 'content-encoding': encoding = 'identity' } = headers;
  if (encoding.toLowerCase() !== 'identity')
    throw new AppError('unsupported-encoding', 'send the body without Content-Encoding');
  // Skips a byte order mark.
  const text = new TextDecoder().decode(raw);
  return parseJson(isForm(text) ? fieldOf(text) : text);
}

function isForm(text: string): boolean {
  return /^[\w.%+-]+=/.test(text);
}

function fieldOf(form: string): string {
  const [value, ...more] = new URLSearchParams(form).getAll(formField);
  if (value === undefined || more.length > 0)
    throw new AppError('bad-request', `a form must have the JSON in one field named ${formField}`);
  return value;
}
