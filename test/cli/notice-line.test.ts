import { describe, expect, it } from 'vitest';
import type { NotificationNotice } from '../../src/genesys/notifications/notifications.ts';
import { NetworkError } from '../../operators/errors.ts';
import { noticeJson, noticeLine } from '../../src/cli/stream/notice-line.ts';

const NOW = Date.parse('2026-01-31T12:00:00.000Z');
const gap = { from: NOW - 2_000, to: NOW - 1_000, topics: ['v2.a', 'v2.b', 'v2.c', 'v2.d'] };
const cause = new NetworkError('It failed\u001b[31m.');

const CASES: [NotificationNotice, string, object][] = [
  [
    { type: 'refused', topic: 'v2.a', reason: 'no\u001b[2J', missingPermissions: [] },
    'refused: v2.a: no\ufffd[2J',
    { notice: 'refused', topic: 'v2.a', reason: 'no\u001b[2J', missingPermissions: [] },
  ],
  [
    { type: 'refused', topic: 'v2.a', reason: undefined, missingPermissions: ['x:y', 'x:z'] },
    'refused: v2.a (missing permissions: x:y, x:z)',
    { notice: 'refused', topic: 'v2.a', reason: null, missingPermissions: ['x:y', 'x:z'] },
  ],
  [
    { type: 'handover', reason: 'expiry', status: 'done' },
    'handover (expiry): done',
    { notice: 'handover', reason: 'expiry', status: 'done' },
  ],
  [
    { type: 'handover', reason: 'silence', status: 'abandoned', cause },
    'handover (silence): abandoned: It failed\ufffd[31m.',
    { notice: 'handover', reason: 'silence', status: 'abandoned', cause: 'It failed\u001b[31m.' },
  ],
  [
    { type: 'gap', ...gap },
    'gap: events from 2026-01-31T11:59:58.000Z to 2026-01-31T11:59:59.000Z may be missing, of v2.a, v2.b, v2.c and 1 more topic',
    { notice: 'gap', from: '2026-01-31T11:59:58.000Z', to: '2026-01-31T11:59:59.000Z', topics: gap.topics },
  ],
  [
    { type: 'refetch-failed', gap, cause: 'why' },
    'gap: events could not be read again: why',
    {
      notice: 'refetch-failed',
      from: '2026-01-31T11:59:58.000Z',
      to: '2026-01-31T11:59:59.000Z',
      topics: gap.topics,
      cause: 'why',
    },
  ],
];

describe('a notice', () => {
  it.each(CASES)('%j is a line for people: %s', (notice, words) => {
    expect(noticeLine(notice, NOW)).toBe(`2026-01-31T12:00:00.000Z ${words}`);
  });

  it.each(CASES)('%j is a line of JSON', (notice, _, facts) => {
    const json = noticeJson(notice, NOW);
    expect(JSON.parse(json)).toEqual({ ...facts, timestamp: '2026-01-31T12:00:00.000Z' });
    expect(json).not.toContain('\u001b');
  });
});
