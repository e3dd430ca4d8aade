import { severityOfKind, type Notice, type NoticeKind } from '../../src/core/notice.ts';
import type { Message } from '../../src/core/ports.ts';
import { usualWording } from '../../src/core/wording.ts';

/** A notice for sinks; the usual one has everything. */
export function aNotice(different: Partial<Notice> = {}): Notice {
  return {
    ...{ id: 'up-1-succeeded', thread: 'up-1', kind: 'update.succeeded', severity: 'info' },
    at: '2026-01-01T00:10:00.000Z',
    workload: { cluster: 'north', namespace: 'till', kind: 'Deployment', name: 'shop' },
    team: 'checkout',
    images: [{ container: 'app', from: 'quay.io/acme/shop:1.0.0', to: 'quay.io/acme/shop:1.1.0' }],
    by: ['ann@acme.example'],
    ...{ reason: undefined, message: undefined },
    link: 'https://argo.example/till/shop?a=1&b=2',
    ...different,
  };
}

/** The notice in its usual words. */
export function aMessage(different: Partial<Notice> = {}): Message {
  const notice = aNotice(different);
  return { notice, text: usualWording(notice) };
}

const image = 'quay.io/acme/shop:1.1.0';
/** Where the image is the same as before. */
const sameImages = [{ container: 'app', from: image, to: image }];
const scaled = { images: sameImages, scale: { from: 2, to: 5 } };
/** What makes a kind what it is. */
const traits: Partial<Record<NoticeKind, Partial<Notice>>> = {
  'workload.created': { images: [{ container: 'app', from: '', to: image }] },
  'workload.config-changed': { images: sameImages },
  'workload.restarted': { images: sameImages },
  'workload.scaled': scaled,
  'workload.autoscaled': scaled,
  'workload.deleted': { images: sameImages },
  'workload.failed': { ...{ team: undefined, by: [], link: undefined }, reason: 'CrashLoopBackOff' },
};

/** A message of this kind; each kind has an id of its own. */
export function aMessageOf(kind: NoticeKind, different: Partial<Notice> = {}): Message {
  const id = kind.replace('.', '-');
  return aMessage({ id, kind, severity: severityOfKind(kind), ...traits[kind], ...different });
}

/** What stands next to what is told, and is nobody's business. */
export const keptBack = 'kept-back-of-nobody';

/** A message with things in it that no type allows, and no compiler sees. */
export function laden(message: Message): Message {
  const more = { annotations: { note: keptBack }, env: [{ name: 'TOKEN', value: keptBack }] };
  const { notice } = message;
  const images = notice.images.map((one) => ({ ...one, ...more }));
  const [workload, scale] = [
    { ...notice.workload, ...more },
    { from: 1, to: 2, ...more },
  ];
  return { ...message, ...more, notice: { ...notice, ...more, workload, images, scale } };
}
