import { expect, test } from '@jest/globals';
import { eventTypes } from '../../src/core/announcement.ts';
import { changeKinds } from '../../src/core/change-kinds.ts';
import { noticeKinds } from '../../src/core/notice.ts';

test('people are told of updates and of changes, and of nothing else', () => {
  expect(noticeKinds.toSorted()).toEqual([...Object.keys(eventTypes), ...changeKinds].toSorted());
});

test.each(changeKinds)('%s is told from an update by its name', (kind) => {
  expect(kind).toMatch(/^workload\.[a-z-]+$/);
});
