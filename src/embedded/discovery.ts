import { apiVersionOf, resources, type Resource } from './resources.ts';
import type { JsonObject } from './json.ts';

const verbs = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'];

/** The documents by which a client finds out what is served, by path. */
export const discovery: ReadonlyMap<string, JsonObject> = new Map<string, JsonObject>([
  ['/version', version()],
  ['/api', { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] }],
  ['/apis', { kind: 'APIGroupList', apiVersion: 'v1', groups: groups().map(groupOf) }],
  ...groups().map((group): [string, JsonObject] => [
    `/apis/${group}`,
    { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(group) },
  ]),
  ...groupVersions().map((one): [string, JsonObject] => [`/${pathOf(one)}`, resourceList(one)]),
  [
    '/openapi/v3',
    { paths: Object.fromEntries(groupVersions().map((one) => [pathOf(one), openapiLink(one)])) },
  ],
  ...groupVersions().map((one): [string, JsonObject] => [`/openapi/v3/${pathOf(one)}`, openapi(one)]),
]);

function version(): JsonObject {
  const gitVersion = 'v1.35.0+updatekate-embedded';
  return { major: '1', minor: '35', gitVersion, platform: 'embedded', goVersion: '', compiler: '' };
}

function groups(): readonly string[] {
  return [...new Set(resources.map(({ group }) => group))].filter((group) => group !== '');
}

function groupVersions(): readonly string[] {
  return [...new Set(resources.map(apiVersionOf))];
}

function pathOf(groupVersion: string): string {
  return groupVersion.includes('/') ? `apis/${groupVersion}` : `api/${groupVersion}`;
}

function groupOf(name: string): JsonObject {
  const served = resources.filter(({ group }) => group === name).map(({ version: one }) => one);
  const versions = [...new Set(served)].map((one) => ({ groupVersion: `${name}/${one}`, version: one }));
  return { name, versions, preferredVersion: versions[0] };
}

function resourceList(groupVersion: string): JsonObject {
  const served = resources.filter((resource) => apiVersionOf(resource) === groupVersion);
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources: served.flatMap(described) };
}

function described({
  plural,
  kind,
  namespaced,
  shortNames,
  categories,
  subresources,
}: Resource): JsonObject[] {
  const common = { singularName: '', namespaced, kind };
  const main = { ...common, name: plural, singularName: kind.toLowerCase(), verbs, shortNames, categories };
  const parts = subresources.map((part) => ({
    ...common,
    name: `${plural}/${part}`,
    verbs: ['get', 'patch', 'update'],
    ...(part === 'scale' && { group: 'autoscaling', version: 'v1', kind: 'Scale' }),
  }));
  return [main, ...parts];
}

function openapiLink(groupVersion: string): JsonObject {
  return { serverRelativeURL: `/openapi/v3/${pathOf(groupVersion)}` };
}

/** Just enough for kubectl to see that the server itself checks what it is sent. */
function openapi(groupVersion: string): JsonObject {
  const served = resources.filter((resource) => apiVersionOf(resource) === groupVersion);
  const parameters = ['dryRun', 'fieldValidation'].map((name) => ({
    name,
    in: 'query',
    schema: { type: 'string' },
  }));
  const paths = served.map((resource) => {
    const { group, version: one, kind, plural, namespaced } = resource;
    const type = { 'x-kubernetes-group-version-kind': { group, version: one, kind } };
    const patch = { ...type, parameters, responses: { 200: { description: 'OK' } } };
    const scope = namespaced ? 'namespaces/{namespace}/' : '';
    return [`/${pathOf(groupVersion)}/${scope}${plural}/{name}`, { patch }] as const;
  });
  const info = { title: 'Updatekate embedded cluster', version: 'v1' };
  return { openapi: '3.0.0', info, paths: Object.fromEntries(paths), components: { schemas: {} } };
}
