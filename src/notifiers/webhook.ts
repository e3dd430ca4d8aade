import { z } from 'zod';
import { secret } from '../core/secret-text.ts';
import { section, textAs } from '../core/section.ts';
import { webhookKeys } from '../core/signature.ts';
import { sendSigned } from '../lib/signed-post.ts';
import { sinkModule } from '../lib/sink-module.ts';
import { noticeFormats, type NoticeFormatName } from './webhook/formats.ts';

const allowedUrl = 'an http or https URL';
const allowedKeys = 'whsec_ and the base64 of 24 to 64 bytes, or several of them separated by spaces';

const formats = Object.keys(noticeFormats) as readonly NoticeFormatName[];

const settings = section({
  url: secret(
    allowedUrl,
    z.string().refine((text) => /^https?:$/.test(URL.parse(text)?.protocol ?? '')),
  ),
  secret: secret(allowedKeys, textAs(allowedKeys, webhookKeys)).optional(),
  format: z.enum(formats, formats.join(', ')).default('updatekate'),
});

/** JSON or events for programs of one's own, signed. */
export const webhook = sinkModule(
  'webhook',
  settings,
  ({ url, secret: keys = [], format }, { http, clock }) => ({
    async send(message, signal) {
      const posted = noticeFormats[format].message(message);
      if (posted) await sendSigned({ url, keys, http, clock }, posted, signal);
    },
  }),
  ({ format }, kind) => noticeFormats[format].tells(kind),
);
