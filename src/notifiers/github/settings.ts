import { z } from 'zod';
import { canonicalRepository, parseImageRef } from '../../core/image-ref.ts';
import { secret } from '../../core/secret-text.ts';
import { section } from '../../core/section.ts';
import { environmentParts, isTemplate } from './words.ts';

const allowedRepository = 'owner/name';
const allowedImage = 'the repository of an image without tag, such as quay.io/acme/shop';
const allowedEnvironment = `a name, in which ${environmentParts.join(', ')} stand for what they say`;
const allowedRef = 'a Git ref, in which {tag} stands for the tag of the image';
const allowedApi = 'an address such as https://api.github.com or https://HOST/api/v3';

function template(allowed: string, parts: readonly string[]): z.ZodType<string, string> {
  return z
    .string(allowed)
    .regex(/^\S(?:.{0,253}\S)?$/, allowed)
    .refine((text) => isTemplate(text, parts), allowed);
}

/** Where deployments are shown: the section `github` of a notifier. */
export const GithubSettings = section({
  repository: z
    .string(allowedRepository)
    .regex(/^[A-Za-z0-9][\w-]{0,99}\/(?!\.{1,2}$)[\w.-]{1,100}$/, allowedRepository),
  token: secret('a token of GitHub', z.string().regex(/^[\x21-\x7e]+$/)),
  image: z
    .string(allowedImage)
    .refine((name) => parseImageRef(name)?.name === name, allowedImage)
    .transform(canonicalRepository)
    .optional(),
  environment: template(allowedEnvironment, environmentParts).default('{namespace}'),
  ref: template(allowedRef, ['{tag}']).default('{tag}'),
  commitStatus: z.boolean('true or false').default(false),
  api: z
    .string(allowedApi)
    .regex(/^https?:\/\/[^?#@\s]+$/, allowedApi)
    .transform((url) => url.replace(/\/+$/, ''))
    .default('https://api.github.com'),
});

export type GithubSettings = z.output<typeof GithubSettings>;
