import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { eventTypes } from '../../src/core/announcement.ts';
import type { NoticeKind } from '../../src/core/notice.ts';
import { parseTemplate, templateFields, usualWording } from '../../src/core/wording.ts';
import { aNotice } from '../contract/sink.ts';

const say = (template: string, different: Parameters<typeof aNotice>[0] = {}): string => {
  const wording = parseTemplate(template);
  if (typeof wording === 'string') throw new Error(wording);
  return wording(aNotice(different));
};

describe('the usual words', () => {
  test("begin with the predecessor's lines, and say what it did not", () => {
    expect(usualWording(aNotice()).split('\n')).toEqual([
      'shop deployed to till',
      'Image: quay.io/acme/shop:1.1.0',
      'Team: checkout',
      'app: quay.io/acme/shop:1.0.0 → quay.io/acme/shop:1.1.0',
      'Cluster: north',
      'Approved by: ann@acme.example',
      'https://argo.example/till/shop?a=1&b=2',
    ]);
  });

  test('leave out what there is nothing to say of, and say why something failed', () => {
    const notice = aNotice({
      ...{ kind: 'update.failed', team: undefined, by: [], link: undefined },
      ...{ reason: 'ImagePullBackOff', message: 'no such image: <b>&' },
    });

    expect(usualWording(notice).split('\n')).toEqual([
      'shop not deployed to till',
      'Image: quay.io/acme/shop:1.1.0',
      'app: quay.io/acme/shop:1.0.0 → quay.io/acme/shop:1.1.0',
      'Cluster: north',
      'Reason: ImagePullBackOff',
      'no such image: <b>&',
    ]);
  });

  test('have a headline of its own for every kind', () => {
    const kinds = Object.keys(eventTypes) as NoticeKind[];
    const headlines = kinds.map((kind) => usualWording(aNotice({ kind })).split('\n')[0]);

    expect(new Set(headlines).size).toBe(kinds.length);
    for (const headline of headlines) expect(headline).toMatch(/^shop \S.* till$/);
  });
});

describe('a template', () => {
  test('names fields; lists and what may be missing are sections', () => {
    const template =
      '{{event}} {{severity}} {{cluster}}/{{namespace}}/{{kind}}/{{name}} {{at}} {{{image}}} {{&by}}{{^reason}} fine{{/reason}}' +
      '{{#images}} {{name}}.{{container}}:{{from}}>{{to}}{{/images}}{{! a comment }}';

    expect(say(template)).toBe(
      'update.succeeded info north/till/Deployment/shop 2026-01-01T00:10:00.000Z quay.io/acme/shop:1.1.0 ann@acme.example fine' +
        ' shop.app:quay.io/acme/shop:1.0.0>quay.io/acme/shop:1.1.0',
    );
  });

  test.each([
    ['{{tam}}', '{{tam}} is no field'],
    ['{{container}}', '{{container}} is no field'],
    ['{{#images}}{{other}}{{/images}}', '{{other}} is no field'],
    ['{{#env}}x{{/env}}', '{{env}} is no field'],
    ['{{^env}}x{{/env}}', '{{env}} is no field'],
    ['{{> secrets}}', '{{>secrets}}: there are no partials'],
    ['{{name.constructor}}', '{{name.constructor}} is no field'],
    ['{{constructor}}', '{{constructor}} is no field'],
    ['{{#images}}', 'Unclosed section "images" at 11'],
    ['{{name', 'Unclosed tag at 6'],
  ])('%s is none: %s', (template, problem) => {
    expect(parseTemplate(template)).toBe(problem);
  });

  test('is never made of what it is filled with', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const message = `{{name}}${text}{{#images}}`;
        expect(say('<{{message}}>', { message })).toBe(`<${message}>`);
      }),
    );
  });

  test('has fields that are listed for people', () => {
    const names = [...templateFields.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name);

    expect(names).toEqual(expect.arrayContaining(['name', 'team', 'image', 'images', 'container', 'to']));
    for (const name of names.filter((one) => !['container', 'from', 'to'].includes(one ?? '')))
      expect(typeof parseTemplate(`{{${name}}}`)).toBe('function');
  });
});
