import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { eventTypes, type EventType } from '../../src/core/announcement.ts';
import { noticeKinds, type Notice, type NoticeKind } from '../../src/core/notice.ts';
import { parseTemplate, templateFields, usualWording } from '../../src/core/wording.ts';
import { aNotice } from '../support/notices.ts';

const say = (template: string, different: Parameters<typeof aNotice>[0] = {}): string => {
  const wording = parseTemplate(template);
  if (typeof wording === 'string') throw new Error(wording);
  return wording(aNotice(different));
};

const firstLine = (different: Partial<Notice>): string | undefined =>
  usualWording(aNotice(different)).split('\n')[0];

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

  test('have no line that somebody wrote into an image', () => {
    const to = 'quay.io/acme/shop:2\nApproved by: cto@acme.example\n\u202e3';
    const lines = usualWording(aNotice({ images: [{ container: 'app', from: to, to: `${to}4` }] })).split(
      '\n',
    );

    const shown = 'quay.io/acme/shop:2 Approved by: cto@acme.example \\u{202e}3';
    expect(lines).toContain(`app: ${shown} → ${shown}4`);
    expect(lines.filter((line) => line.startsWith('Approved by'))).toEqual(['Approved by: ann@acme.example']);
  });

  test('have a headline of its own for every event of an update', () => {
    const kinds = Object.keys(eventTypes) as EventType[];
    const headlines = kinds.map((kind) => firstLine({ kind }));

    expect(new Set(headlines).size).toBe(kinds.length);
    for (const headline of headlines) expect(headline).toMatch(/^shop \S.* till$/);
  });

  test('say nothing of an image where there is none', () => {
    expect(usualWording(aNotice({ images: [] }))).not.toContain('Image');
  });
});

describe('the usual words of a change', () => {
  const image = 'quay.io/acme/shop:1.1.0';
  const same = [{ container: 'app', from: image, to: image }];
  const change: Partial<Notice> = {
    ...{ images: same, by: ['kubectl-set'], link: undefined, team: undefined },
  };
  const scale = { from: 2, to: 5 };

  test.each<[NoticeKind, Partial<Notice>, string]>([
    // The predecessor's words.
    ['workload.created', {}, 'shop deployed to till'],
    ['workload.image-changed', {}, 'shop deployed to till'],
    ['workload.config-changed', {}, 'shop deployed to till'],
    ['workload.deleted', {}, 'shop deleted from till'],
    // What it did not tell from these, or not at all.
    ['workload.restarted', {}, 'shop restarted in till'],
    ['workload.scaled', { scale }, 'shop scaled from 2 to 5 in till'],
    ['workload.scaled', { scale: { from: 2, to: 0 } }, 'shop scaled from 2 to 0 in till'],
    ['workload.scaled', {}, 'shop scaled in till'],
    ['workload.autoscaled', { scale }, 'shop scaled from 2 to 5 in till'],
    ['workload.failed', {}, 'shop failed in till'],
    ['workload.recovered', {}, 'shop recovered in till'],
    // That it was scaled is not the most of it.
    ['workload.failed', { scale }, 'shop failed in till'],
    ['workload.recovered', { scale }, 'shop recovered in till'],
  ])('of %s %j begin with: %s', (kind, different, line) => {
    expect(firstLine({ ...change, kind, ...different })).toBe(line);
  });

  test.each(noticeKinds)(
    'of %s are lines that each say something, and nothing is left to be filled',
    (kind) => {
      for (const notice of [aNotice({ kind }), aNotice({ kind, ...change, scale })])
        for (const line of usualWording(notice).split('\n')) expect(line).toMatch(/^\S[^{}]*[^\s:]$/);
    },
  );

  test('say what a change is where the first line does not, and who made it', () => {
    const linesOf = (kind: NoticeKind, different: Partial<Notice> = {}): readonly string[] =>
      usualWording(aNotice({ ...change, kind, ...different }))
        .split('\n')
        .slice(2);

    expect(linesOf('workload.created')).toEqual(['Change: created', 'Cluster: north', 'By: kubectl-set']);
    expect(linesOf('workload.config-changed')).toEqual([
      'Change: configuration',
      'Cluster: north',
      'By: kubectl-set',
    ]);
    expect(linesOf('workload.config-changed', { scale })[0]).toBe(
      'Change: configuration, scaled from 2 to 5',
    );
    expect(linesOf('workload.failed', { scale })).toEqual([
      ...['Change: scaled from 2 to 5', 'Cluster: north', 'By: kubectl-set'],
    ]);
    expect(linesOf('workload.scaled', { scale })).toEqual(['Cluster: north', 'By: kubectl-set']);
    expect(linesOf('workload.restarted', { by: [] })).toEqual(['Cluster: north']);
    expect(linesOf('workload.image-changed')).toEqual(['Cluster: north', 'By: kubectl-set']);
  });

  test('say of every image that moved from where to where, and what is new, and nothing of those that did not move', () => {
    const images = [
      { container: 'app', from: 'a:1', to: 'a:2' },
      { container: 'proxy', from: 'p:1', to: 'p:1' },
      { container: 'new', from: '', to: 'n:1' },
      { container: 'migrate', from: 'm:1', to: 'm:2' },
    ];

    expect(usualWording(aNotice({ ...change, kind: 'workload.image-changed', images })).split('\n')).toEqual([
      ...['shop deployed to till', 'Image: a:2', 'app: a:1 → a:2', 'new: new, n:1', 'migrate: m:1 → m:2'],
      ...['Cluster: north', 'By: kubectl-set'],
    ]);
  });

  test('say of no container that it is new where all are', () => {
    const images = ['app', 'proxy'].map((container) => ({ container, from: '', to: `${container}:1` }));
    const lines = usualWording(aNotice({ ...change, kind: 'workload.created', images })).split('\n');

    expect(lines).toEqual([
      ...['shop deployed to till', 'Image: app:1', 'Change: created', 'Cluster: north', 'By: kubectl-set'],
    ]);
  });

  test('are those of the predecessor, line for line, when a new image has arrived', () => {
    const told = usualWording(aNotice({ ...change, kind: 'workload.image-changed', team: 'checkout' }));

    expect(told.split('\n').slice(0, 3)).toEqual([
      'shop deployed to till',
      `Image: ${image}`,
      'Team: checkout',
    ]);
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

  test('may say what changed in words of its own', () => {
    const scaled = { kind: 'workload.scaled', scale: { from: 2, to: 0 } } as const;
    const template = '{{name}} {{headline}}: {{scale}}{{#change}} ({{change}}){{/change}} {{byLabel}} {{by}}';

    expect(say(template, scaled)).toBe('shop scaled from 2 to 0 in: 2 → 0 By ann@acme.example');
    expect(say(template, { kind: 'workload.created' })).toBe(
      'shop deployed to:  (created) By ann@acme.example',
    );
    expect(say(template)).toBe('shop deployed to:  Approved by ann@acme.example');
    expect(say('{{#images}}{{^moved}}{{container}}{{/moved}}{{/images}}')).toBe('');
    expect(say('{{^images}}none{{/images}}', { images: [] })).toBe('none');
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
    ...['{{images}}', '{{{images}}}', '{{&images}}', '{{#images}}{{images}}{{/images}}'].map(
      (template) =>
        [template, '{{images}} is a list: {{#images}}…{{/images}} goes through it'] as [string, string],
    ),
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

    expect(names).toEqual(expect.arrayContaining(['name', 'team', 'image', 'container', 'to']));
    expect(names).not.toContain('images');
    expect(templateFields).toContain('{{#images}}…{{/images}}');
    expect(names).toEqual(expect.arrayContaining(['change', 'scale', 'byLabel', 'moved', 'added']));
    for (const name of names.filter(
      (one) => !['container', 'from', 'to', 'moved', 'added'].includes(one ?? ''),
    ))
      expect(typeof parseTemplate(`{{${name}}}`)).toBe('function');
  });
});
