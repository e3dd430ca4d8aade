import type { WebhookFormat } from '../../src/core/webhook-formats.ts';

/**
 * What the specification's schemas demand of the events that are sent, read from
 * https://github.com/cdevents/spec/tree/v0.5.1/schemas and …/v0.4.1/schemas (servicedeployed, serviceupgraded,
 * serviceremoved, incidentdetected, incidentresolved).
 * Objects are closed: a key that is named nowhere is a fault, but for what is in `customData`.
 */
const versions = {
  cdevents: { spec: '0.5.1', key: 'specversion', event: '0.3.0', subjectType: false },
  'cdevents-0.4': { spec: '0.4.1', key: 'version', event: '0.2.0', subjectType: true },
} as const;

const running = { required: ['environment', 'artifactId'], optional: [] };
const incident = { required: ['environment'], optional: ['description', 'service', 'artifactId'] };
const contents: Readonly<Record<string, typeof incident>> = {
  'service.deployed': running,
  'service.upgraded': running,
  'service.removed': { required: ['environment'], optional: [] },
  'incident.detected': incident,
  'incident.resolved': incident,
};

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
/** With qualifiers, none of which is empty. */
const purl = /^pkg:oci\/[^/@?#]+(?:@[^/@?#]+)?\?[^/@?#&=]+=[^/@?#&=]+(?:&[^/@?#&=]+=[^/@?#&=]+)*$/;

type Json = Readonly<Record<string, unknown>>;

/** Everything that is wrong with a body by the rules of this format; empty = valid. */
export function cdEventFaults(
  format: Exclude<WebhookFormat, 'updatekate'>,
  body: unknown,
): readonly string[] {
  const { spec, key, event, subjectType } = versions[format];
  const root = objectOf(body);
  const [context, subject] = [objectOf(root.context), objectOf(root.subject)];
  const [, type = ''] = /^dev\.cdevents\.(.*?)\.\d/.exec(String(context.type)) ?? [];
  const { required, optional } = contents[type] ?? { required: ['a known type'], optional: [] };
  const content = objectOf(subject.content);
  const nested = ['environment', 'service'].filter((name) => name in content);
  return [
    ...keyFaults('', root, ['context', 'subject'], ['customData', 'customDataContentType']),
    ...keyFaults(
      'context',
      context,
      [key, 'id', 'source', 'type', 'timestamp'],
      ['schemaUri', 'chainId', 'links'],
    ),
    ...keyFaults('subject', subject, ['id', 'content', ...(subjectType ? ['type'] : [])], ['source']),
    ...keyFaults('content', content, required, optional),
    ...nested.flatMap((name) => keyFaults(name, objectOf(content[name]), ['id'], ['source'])),
    ...equal('version', context[key], spec),
    ...equal('type', context.type, `dev.cdevents.${type}.${event}`),
    ...(subjectType ? equal('subject.type', subject.type, type.split('.')[0] ?? '') : []),
    ...fits('context.id', context.id, /^[^]+$/),
    // A URI reference: what needs encoding is encoded.
    ...fits('source', context.source, /^(?:[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=]|%[0-9A-F]{2})+$/),
    ...fits('timestamp', context.timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/),
    ...('chainId' in context ? fits('chainId', context.chainId, uuid) : []),
    ...fits('subject.id', subject.id, /^[^]+$/),
    ...nested.flatMap((name) => fits(`${name}.id`, objectOf(content[name]).id, /^[^]+$/)),
    ...('artifactId' in content ? fits('artifactId', content.artifactId, purl) : []),
    ...(typeof (content.description ?? '') === 'string' ? [] : ['description is no text']),
    ...equal('customData', typeof root.customData, 'object'),
  ];
}

function objectOf(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {};
}

function keyFaults(
  where: string,
  value: Json,
  required: readonly string[],
  optional: readonly string[],
): readonly string[] {
  return [
    ...required.filter((key) => !(key in value)).map((key) => `${where}.${key} is missing`),
    ...Object.keys(value)
      .filter((key) => ![...required, ...optional].includes(key))
      .map((key) => `${where}.${key} may not be there`),
  ];
}

function equal(what: string, value: unknown, wanted: string): readonly string[] {
  return value === wanted ? [] : [`${what} is ${String(value)}, not ${wanted}`];
}

function fits(what: string, value: unknown, form: RegExp): readonly string[] {
  return typeof value === 'string' && form.test(value) ? [] : [`${what} does not fit: ${String(value)}`];
}
