import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { z } from 'zod';
import { AppError } from '../core/errors.ts';
import type { StoredDocument } from '../core/documents.ts';
import { group, version } from './image-update.ts';

/** What `k8s/crd.yaml` defines. */
export const [plural, kind] = ['journals', 'Journal'];

/** A longer text is kept packed. Bytes of UTF-8. */
export const longestPlain = 64 * 1024;
/** Of what is packed, in base64: etcd takes 1.5 MiB, all that is around it included. */
export const longestPacked = 1_500_000;
/** No text of ours is so long; what somebody else has packed may be without end. Bytes of UTF-8. */
export const longestText = 64 * 1024 * 1024;

const [pack, unpack] = [promisify(gzip), promisify(gunzip)];

const Written = z.object({ metadata: z.object({ resourceVersion: z.string().min(1) }) });
const Kept = Written.extend({
  spec: z.object({ text: z.string().optional(), gzip: z.string().optional() }),
});

/** The object that keeps `text`, over `revision` where there is one. @throws AppError `too-large` */
export async function journal(name: string, text: string, revision: string | undefined): Promise<unknown> {
  const bytes = Buffer.byteLength(text);
  const metadata = { name, ...(revision === undefined ? {} : { resourceVersion: revision }) };
  const content = bytes <= longestPlain ? { text } : { gzip: await packed(name, text, bytes) };
  return { apiVersion: `${group}/${version}`, kind, metadata, spec: { bytes, ...content } };
}

async function packed(name: string, text: string, bytes: number): Promise<string> {
  if (bytes > longestText) throw tooLarge(name, `${bytes} bytes`, `${longestText}`);
  const base64 = (await pack(text)).toString('base64');
  if (base64.length <= longestPacked) return base64;
  throw tooLarge(name, `${bytes} bytes, ${base64.length} when packed`, `${longestPacked} of these`);
}

function tooLarge(name: string, size: string, limit: string): AppError {
  const where = `kubernetes: document ${name} is too large for one object`;
  return new AppError('too-large', `${where}: ${size}; ${limit} fit`);
}

/** The revision of an object that was written. @throws AppError `unavailable` when the answer is none. */
export function revisionOf(object: unknown): string {
  return asJournal(Written, object).metadata.resourceVersion;
}

/** What an object keeps. @throws AppError `unavailable` when it is none. */
export async function documentOf(object: unknown): Promise<StoredDocument> {
  const { metadata, spec } = asJournal(Kept, object);
  return { text: spec.text ?? (await unpacked(spec.gzip ?? '')), revision: metadata.resourceVersion };
}

/** What cannot be unpacked is given as it is: to whoever wrote the text it is as damaged as a damaged text. */
async function unpacked(base64: string): Promise<string> {
  try {
    return (await unpack(Buffer.from(base64, 'base64'), { maxOutputLength: longestText })).toString();
  } catch {
    return base64;
  }
}

function asJournal<T>(form: z.ZodType<T>, object: unknown): T {
  const read = form.safeParse(object);
  if (read.success) return read.data;
  throw new AppError('unavailable', 'kubernetes: the API server sent no Journal', { cause: read.error });
}
