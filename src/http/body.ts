import type { IncomingMessage } from 'node:http';
import { AppError } from '../core/errors.ts';

/** What a body may be where nobody says otherwise, in bytes. */
export const usualBodyBytes = 1024 * 1024;

/**
 * The bytes of a body. One that is too long is refused at once; what still comes of it is dropped as it comes, so
 * that the sender gets to read the answer.
 *
 * @throws AppError `too-large`; `bad-request` when the body breaks off.
 */
export async function readBody(request: IncomingMessage, maxBytes = usualBodyBytes): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let left = maxBytes;
    if (Number(request.headers['content-length'] ?? 0) > maxBytes) reject(tooLarge(maxBytes));
    request.on('data', (chunk: Buffer) => {
      left -= chunk.length;
      if (left >= 0) chunks.push(chunk);
      else reject(tooLarge(maxBytes));
    });
    request.once('end', () => resolve(Buffer.concat(chunks)));
    request.once('error', (cause) => reject(new AppError('bad-request', 'the body breaks off', { cause })));
  });
}

/** The refusal of a body that is longer than `maxBytes`. */
export function tooLarge(maxBytes: number): AppError {
  const size = maxBytes % usualBodyBytes === 0 ? `${maxBytes / usualBodyBytes} MiB` : `${maxBytes} bytes`;
  return new AppError('too-large', `the body is larger than ${size}`);
}
