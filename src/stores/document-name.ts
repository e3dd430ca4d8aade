import { AppError } from '../core/errors.ts';

/** What Kubernetes takes as a name, and what is one part of a path and no more. */
const nameForm = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const longestName = 253;

/** The name, when it is one that every place takes. @throws AppError `invalid` */
export function documentName(name: string): string {
  if (name.length <= longestName && nameForm.test(name)) return name;
  throw new AppError('invalid', `no name of a document: ${JSON.stringify(name)}`);
}
