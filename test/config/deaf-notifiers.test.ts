import { expect, test } from '@jest/globals';
import { deafNotifiers } from '../../src/config/deaf-notifiers.ts';
import type { Duties } from '../../src/config/duties.ts';
import { loadConfig } from '../../src/config/load.ts';
import { warningsOf } from '../../src/config/warnings.ts';

const environment = {
  ...{ UK_CONFIG: 'uk.yaml', UK_WATCH_NAMESPACES: 'shop' },
  ...{ KEY: 'a'.repeat(32), HOOK: 'https://hooks.acme.example/deploys' },
};
const pagerduty = (more = '') => `pagerduty: { routingKey: { env: KEY }${more} }`;
const github = (more = '') => `github: { repository: acme/shop, token: { env: KEY }${more} }`;
const webhook = (more = '') => `webhook: { url: { env: HOOK }${more} }`;
const configOf = (notifier: string) =>
  loadConfig(environment, () => `notifiers: { ops: { ${notifier} } }`).config;
const deaf = (notifier: string, duties: Duties = 'notify') => deafNotifiers(configOf(notifier), duties);

test.each<[string, Duties]>([
  [`${pagerduty()}, events: [scaled, autoscaled, deleted]`, 'notify'],
  [`${pagerduty()}, severity: warning, events: [deleted, created]`, 'notify'],
  [`${pagerduty(', trigger: [approved], resolve: []')}, events: [approved, failed]`, 'notify'],
  [`${pagerduty(', trigger: [created], resolve: []')}, events: [failed]`, 'all'],
  [github(), 'notify'],
  [`${github()}, events: [created, deleted]`, 'all'],
  [`${github(', image: quay.io/acme/shop')}, events: [config-changed, restarted, scaled]`, 'all'],
  [`${webhook(', format: cdevents')}, events: [image-changed, scaled]`, 'all'],
])('%s hears nothing that its sink tells: %s', (notifier, duties) => {
  expect(deaf(notifier, duties)).toEqual({ toAll: ['ops'], to: {} });
  expect(warningsOf(configOf(notifier), duties)).toContainEqual(
    expect.objectContaining({ fields: { notifiers: ['ops'] } }),
  );
});

test.each<[string, Duties]>([
  [pagerduty(), 'notify'],
  [`${pagerduty()}, events: [deleted, failed]`, 'notify'],
  [`${pagerduty(', trigger: [deleted]')}, events: [deleted]`, 'notify'],
  [github(), 'all'],
  [github(', image: quay.io/acme/shop'), 'notify'],
  [`${webhook()}, events: [image-changed]`, 'notify'],
  [`${webhook(', format: cloudevents')}, events: [image-changed]`, 'notify'],
  [`${webhook(', format: cdevents')}, events: [image-changed, deleted]`, 'notify'],
  ['event: {}, events: [scaled]', 'notify'],
])('%s hears something: %s', (notifier, duties) => {
  expect(deaf(notifier, duties)).toEqual({ toAll: [], to: {} });
});

test('a namespace is of no use in which nothing happens that the sink tells', () => {
  const all = 'namespaces: [default, shop]';

  expect(deaf(`${github()}, ${all}`, 'all').to).toEqual({ ops: ['shop'] });
  expect(deaf(`${github(', image: quay.io/acme/shop')}, ${all}`, 'all').to).toEqual({});
});

test('a PagerDuty that opens and closes nothing stops the start', () => {
  expect(() => configOf(pagerduty(', trigger: [], resolve: []'))).toThrow(
    /^uk\.yaml: notifiers\.ops\.pagerduty\.trigger: an empty list is not allowed; allowed: a list of .*, with at least one of them in trigger or resolve$/,
  );
});
