import { badRequest } from './api-error.ts';
import { valueAt } from './json.ts';
import type { KubeObject } from './objects.ts';
import type { Resource } from './resources.ts';

/** Whether an object is selected. */
export type Matches = (object: KubeObject) => boolean;
type Labels = Readonly<Record<string, string>>;

const setBased = /^([^\s!=,()]+)\s+(in|notin)\s+\(([^()]*)\)$/;
const equality = /^([^\s!=,()]+)\s*(==|=|!=)\s*([^\s!=,()]*)$/;
const existence = /^(!?)\s*([^\s!=,()]+)$/;

/** Reads a label selector, equality and set based. @throws ApiError 400 */
export function labelMatcher(selector: string): Matches {
  const tests = terms(selector).map(labelTest);
  return ({ metadata }) => tests.every((test) => test(metadata.labels ?? {}));
}

function labelTest(term: string): (labels: Labels) => boolean {
  const set = setBased.exec(term);
  if (set) {
    const [, key = '', operator, list = ''] = set;
    const values = list.split(',').map((value) => value.trim());
    const isIn = (labels: Labels) => Object.hasOwn(labels, key) && values.includes(labels[key] ?? '');
    return operator === 'in' ? isIn : (labels) => !isIn(labels);
  }
  const equal = equality.exec(term);
  if (equal) {
    const [, key = '', operator, value] = equal;
    return (labels) => (labels[key] === value) === (operator !== '!=');
  }
  const exists = existence.exec(term);
  if (!exists) throw badRequest(`unable to parse requirement: ${term}`);
  const [, not, key = ''] = exists;
  return (labels) => Object.hasOwn(labels, key) === (not === '');
}

/** Reads a field selector over the fields the resource offers. @throws ApiError 400 */
export function fieldMatcher(resource: Resource, selector: string): Matches {
  const tests = terms(selector).map((term) => fieldTest(resource, term));
  return (object) => tests.every((test) => test(object));
}

function fieldTest(resource: Resource, term: string): Matches {
  const [, path = '', operator, value = ''] = equality.exec(term) ?? [];
  if (operator === undefined) throw badRequest(`invalid field selector: ${term}`);
  const known = ['metadata.name', 'metadata.namespace', ...resource.fields];
  if (!known.includes(path)) throw badRequest(`field label not supported: ${path}`);
  return (object) => ((valueAt(object, path) ?? '') === value) === (operator !== '!=');
}

/** The parts of a selector between commas that stand in no parentheses. */
function terms(selector: string): readonly string[] {
  return selector
    .split(/,(?![^(]*\))/)
    .map((term) => term.trim())
    .filter((term) => term !== '');
}
