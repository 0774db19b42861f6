import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { consumeNotices } from '../../../src/cli/jetstream/consume-notices.ts';
import { deliveryOf } from './delivered.ts';

describe('consumeNotices', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('tells partitions that come and go together in one line', () => {
    const log = vi.fn<(text: string) => void>();
    const notices = consumeNotices(log);
    for (const partition of [2, 0, 1]) notices.next({ type: 'assigned', partition });
    notices.next({ type: 'revoked', partition: 7 });
    expect(log).not.toHaveBeenCalled();
    vi.advanceTimersByTime(100);
    expect(log.mock.calls.flat()).toEqual(['leaves partition 7 to others', 'reads partitions 0, 1, 2']);
    notices.next({ type: 'assigned', partition: 3 });
    notices.complete();
    expect(log).toHaveBeenLastCalledWith('reads partition 3');
  });

  it('tells of failed work what failed, and what comes next', () => {
    const log = vi.fn<(text: string) => void>();
    const notices = consumeNotices(log);
    const failed = { type: 'failed', delivery: deliveryOf(), cause: new Error('exit code 1') } as const;
    notices.next({ ...failed, retryIn: 1_500 });
    notices.next({ ...failed, retryIn: undefined });
    notices.next({ type: 'unsettled', delivery: deliveryOf() });
    notices.next({ type: 'stalled', cause: new Error('timeout') });
    expect(log.mock.calls.flat()).toEqual([
      'message 42 of GENESYS-3: exit code 1: again in 1.5 s',
      'message 42 of GENESYS-3: exit code 1: a dead letter',
      'message 42 of GENESYS-3: not settled in time',
      'JetStream does not answer, and is asked again: timeout',
    ]);
    notices.complete();
  });

  it('tells ten failures in ten seconds, and how many more there were', () => {
    const log = vi.fn<(text: string) => void>();
    const notices = consumeNotices(log);
    const failed = { type: 'failed', delivery: deliveryOf(), cause: new Error('503'), retryIn: 1_000 } as const;
    for (let nth = 0; nth < 1_000; nth += 1) notices.next(failed);
    expect(log).toHaveBeenCalledTimes(10);
    vi.advanceTimersByTime(10_000);
    expect(log.mock.calls.flat().slice(10)).toEqual(['and 990 more times of that kind']);
    notices.complete();
  });
});
