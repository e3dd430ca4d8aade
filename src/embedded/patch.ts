import { invalid, unsupportedMediaType, badRequest } from './api-error.ts';
import { jsonPatch } from './json-patch.ts';
import { mergePatch } from './merge-patch.ts';
import type { KubeObject } from './objects.ts';
import { PatchError } from './patch-error.ts';
import type { Resource } from './resources.ts';
import { strategicMerge } from './strategic-merge.ts';

type Apply = (target: unknown, patch: unknown) => unknown;

const json = 'application/json-patch+json';
const merge = 'application/merge-patch+json';
const strategic = 'application/strategic-merge-patch+json';
const formats: ReadonlyMap<string, Apply> = new Map<string, Apply>([
  [json, jsonPatch],
  [merge, mergePatch],
  [strategic, strategicMerge],
]);

/**
 * Applies a patch of any of the three formats; custom resources know no strategic merge, and nobody server-side apply.
 * @throws ApiError 415 for another format, 422 or 400 for a patch that cannot be applied
 */
export function applyPatch(
  resource: Resource,
  object: KubeObject,
  mediaType: string,
  patch: unknown,
): unknown {
  const accepted = [json, merge, ...(resource.custom ? [] : [strategic])];
  const apply = accepted.includes(mediaType) ? formats.get(mediaType) : undefined;
  if (!apply) throw unsupportedMediaType(accepted);
  try {
    return apply(object, patch);
  } catch (error) {
    if (!(error instanceof PatchError)) throw error;
    if (mediaType !== json) throw badRequest(error.message);
    throw invalid(resource, object.metadata.name, [
      { reason: 'FieldValueInvalid', message: error.message, field: 'patch' },
    ]);
  }
}
