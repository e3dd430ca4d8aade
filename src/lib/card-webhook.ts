import type { z } from 'zod';
import { cutToFit } from '../core/cut-to-fit.ts';
import type { Notice } from '../core/notice.ts';
import { secret } from '../core/secret-text.ts';
import { section } from '../core/section.ts';
import { mustBeTaken } from './refused-answer.ts';
import { sinkModule } from './sink-module.ts';

/** A place that takes cards at a secret URL, and answers in the form of Google's and Microsoft's APIs. */
export interface CardPlace<K extends string> {
  readonly kind: K;
  /** Its name, for errors. */
  readonly vendor: string;
  readonly url: z.ZodType<string, string>;
  /** What that must be, in words for a person. */
  readonly allowedUrl: string;
  /** How long the JSON may be. */
  readonly maxBytes: number;
  readonly contentType?: string;
  /** Where this notice is posted; `url` itself when it is not said. */
  address?(url: string, notice: Notice): string;
  /** What is posted. It must be the longer, the longer the text is. */
  card(notice: Notice, text: string): unknown;
}

/** A sink that posts cards there, with as much of the text as there is room for. */
export function cardWebhook<K extends string>(place: CardPlace<K>) {
  const { kind, vendor, allowedUrl, maxBytes, contentType = 'application/json' } = place;
  const headers = (): Readonly<Record<string, string>> => ({ 'content-type': contentType });
  return sinkModule(kind, section({ url: secret(allowedUrl, place.url) }), ({ url }, { http }) => ({
    async send({ notice, text }, signal) {
      const bodyWith = (shown: string): string => JSON.stringify(place.card(notice, shown));
      const body = bodyWith(cutToFit(text, (shown) => Buffer.byteLength(bodyWith(shown)) <= maxBytes));
      const to = place.address?.(url, notice) ?? url;
      mustBeTaken(vendor, url, await http.ask({ url: to, body, headers }, signal));
    },
  }));
}
