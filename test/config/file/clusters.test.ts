import { describe, expect, test } from '@jest/globals';
import { readConfigFile } from '../../../src/config/file/read.ts';

const read = (text: string) => readConfigFile('uk.yaml', () => text);
const fault = (text: string): string => {
  try {
    read(text);
  } catch (error) {
    expect(error).toHaveProperty('code', 'bad-config');
    return (error as Error).message;
  }
  return '';
};
const east = '{ kubeconfig: /etc/updatekate/east.yaml }';
const names = 'lower-case letters, digits and -, at most 63 characters';
const namespaces = "a list of namespaces, or ['*'] for all there are";

describe('the clusters of a file', () => {
  test('have a name, a kubeconfig and perhaps a context; the file is opened later', () => {
    expect(read(`clusters: { east: ${east}, west: { kubeconfig: w, context: admin } }`).clusters).toEqual({
      east: { kubeconfig: '/etc/updatekate/east.yaml' },
      west: { kubeconfig: 'w', context: 'admin' },
    });
  });

  test('are watched in namespaces, or in all there are', () => {
    const { watch } = read(
      `clusters: { east: ${east} }\nwatch: { default: [shop, till, shop], east: ['*'] }`,
    );

    expect(watch).toEqual({ default: ['shop', 'till'], east: 'all' });
  });

  test.each([
    [
      `clusters: { default: ${east} }`,
      `clusters.default: this name is not allowed; allowed: ${names}, and not default: that is the one that UK_CLUSTER finds`,
    ],
    [`clusters: { East: ${east} }`, `clusters.East: this name is not allowed; allowed: ${names}`],
    ['clusters: [east]', 'clusters: a list is not allowed; allowed: clusters by name'],
    [
      'clusters: { east: east.yaml }',
      'clusters.east: "east.yaml" is not allowed; allowed: a section with kubeconfig, context',
    ],
    ['clusters: { east: {} }', 'clusters.east.kubeconfig: missing; allowed: a kubeconfig file'],
    [
      "clusters: { east: { kubeconfig: '' } }",
      'clusters.east.kubeconfig: "" is not allowed; allowed: a kubeconfig file',
    ],
    [
      'clusters: { east: { kubeconfig: { env: EAST } } }',
      'clusters.east.kubeconfig: a section is not allowed; allowed: a kubeconfig file',
    ],
    [
      "clusters: { east: { kubeconfig: e, context: '' } }",
      'clusters.east.context: "" is not allowed; allowed: the name of a context in it',
    ],
    [
      'clusters: { east: { kubeconfig: e, token: hunter2 } }',
      'clusters.east.token: unknown; allowed: kubeconfig, context',
    ],
    ['watch: [shop]', 'watch: a list is not allowed; allowed: namespaces by cluster'],
    ['watch: { default: shop }', `watch.default: "shop" is not allowed; allowed: ${namespaces}`],
    ["watch: { default: '*' }", `watch.default: "*" is not allowed; allowed: ${namespaces}`],
    ['watch: { default: [] }', `watch.default: an empty list is not allowed; allowed: ${namespaces}`],
    ["watch: { default: [shop, '*'] }", `watch.default: a list is not allowed; allowed: ${namespaces}`],
    ['watch: { default: [Shop] }', `watch.default[0]: "Shop" is not allowed; allowed: ${names}`],
    ['watch: { east: [shop] }', 'watch.east: there is no such cluster; allowed: default'],
    [
      `clusters: { east: ${east} }\nwatch: { eats: [shop], constructor: [till] }`,
      'watch.eats: there is no such cluster; allowed: default, east\nuk.yaml: watch.constructor: there is no such cluster; allowed: default, east',
    ],
  ])('%s stops the start and says where and what is allowed', (text, message) => {
    expect(fault(text)).toContain(`uk.yaml: ${message}`);
    expect(fault(text)).not.toContain('hunter2');
  });
});
