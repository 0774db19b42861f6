import type { SchedulerLike, VirtualTimeScheduler } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { EventEntity } from '../../src/genesys/audiohook/event-entity.ts';
import { EventQueue } from '../../src/genesys/audiohook/event-queue.ts';
import { LONGEST_DELAY } from '../../operators/options.ts';
import { marbles } from '../marbles.ts';

const event = (data: unknown): EventEntity => ({ type: 't', data });
/** An entity that takes so many bytes in a message, the comma after it included. */
const sized = (bytes: number): EventEntity => event('x'.repeat(bytes - JSON.stringify(event('')).length - 1));

/** A queue, and what it has sent: `[time, …the data of one message]`. */
function queueOn(scheduler: SchedulerLike) {
  const sent: unknown[][] = [];
  const queue = new EventQueue(scheduler, scheduler, (entities) =>
    sent.push([scheduler.now(), ...entities.map(({ data }) => data)]),
  );
  return { queue, sent };
}

describe('EventQueue', () => {
  it(
    'sends 25 at once, then five a second, with all that wait in one',
    marbles(({ scheduler, at }) => {
      const { queue, sent } = queueOn(scheduler);
      for (let data = 0; data < 28; data += 1) queue.add(event(data));
      expect(sent).toStrictEqual(Array.from({ length: 25 }, (_, data) => [0, data]));
      sent.length = 0;
      at(250, () => queue.add(event('a')));
      at(300, () => queue.add(event('b')));
      at(390, () => queue.add(event('c')));
      at(600, () => {
        expect(sent).toStrictEqual([
          [200, 25, 26, 27],
          [400, 'a', 'b', 'c'],
        ]);
      });
      at(5_700, () => {
        sent.length = 0;
        for (let data = 0; data < 26; data += 1) queue.add(event(data));
        expect(sent).toHaveLength(25);
      });
    }),
  );

  it(
    'counts what else is sent',
    marbles(({ scheduler, pending, at }) => {
      const { queue, sent } = queueOn(scheduler);
      for (let count = 0; count < 40; count += 1) queue.spend();
      queue.add(event(1));
      expect(sent).toStrictEqual([]);
      expect(pending()).toBe(1);
      // Fifteen more than there are tokens: those have to come first.
      at(3_199, () => expect(sent).toStrictEqual([]));
      at(3_200, () => expect(sent).toStrictEqual([[3_200, 1]]));
    }),
  );

  it(
    'waits longer where the token that it waited for is gone',
    marbles(({ scheduler, at }) => {
      const { queue, sent } = queueOn(scheduler);
      for (let count = 0; count < 25; count += 1) queue.spend();
      at(200, () => queue.spend());
      at(201, () => queue.add(event(1)));
      at(202, () => expect(sent).toStrictEqual([]));
      at(1_000, () => expect(sent).toStrictEqual([[400, 1]]));
    }),
  );

  it(
    'takes a thousand that wait, and then no more',
    marbles(({ scheduler, at }) => {
      const { queue, sent } = queueOn(scheduler);
      queue.holdFor(1_000);
      for (let data = 0; data < 1_000; data += 1) expect(queue.add(event(data))).toBe(true);
      expect(queue.add(event(1_000))).toBe(false);
      at(1_000, () => {
        expect(sent).toHaveLength(1);
        expect(sent[0]).toHaveLength(1_001);
        expect(queue.add(event(1_001))).toBe(true);
      });
    }),
  );

  it(
    'holds, and tries again after exactly as long',
    marbles(({ scheduler, at }) => {
      const { queue, sent } = queueOn(scheduler);
      queue.holdFor(1_000);
      queue.add(event(1));
      at(999, () => expect(sent).toStrictEqual([]));
      at(1_000, () => expect(sent).toStrictEqual([[1_000, 1]]));
      at(2_000, () => {
        queue.holdFor(500);
        queue.holdFor(900);
        queue.add(event(2));
      });
      at(5_000, () => expect(sent.at(-1)).toStrictEqual([2_900, 2]));
    }),
  );

  it(
    'takes 512 KiB that wait, and goes on where there is room again',
    marbles(({ scheduler, at }) => {
      const { queue, sent } = queueOn(scheduler);
      queue.holdFor(1_000);
      const large = () => queue.add(event('x'.repeat(62 * 1_024)));
      for (let count = 0; count < 8; count += 1) expect(large()).toBe(true);
      expect(large()).toBe(false);
      at(999, () => expect(sent).toStrictEqual([]));
      at(1_000, () => queue.add(event(1)));
      at(1_001, () => {
        expect(sent).toHaveLength(9);
        queue.holdFor(1_000);
        for (let count = 0; count < 8; count += 1) expect(large()).toBe(true);
        expect(large()).toBe(false);
      });
    }),
  );

  it('never asks for a longer delay than timers take, however long the client says', () => {
    const delays: number[] = [];
    const scheduler = {
      now: () => 0,
      schedule: (_: unknown, delay: number) => {
        delays.push(delay);
        return { unsubscribe: () => undefined };
      },
    } as unknown as VirtualTimeScheduler;
    const { queue, sent } = queueOn(scheduler);
    queue.holdFor(1e18);
    queue.add(event(1));
    expect(sent).toStrictEqual([]);
    expect(delays).toStrictEqual([LONGEST_DELAY]);
  });

  it(
    'fills a message up to 64,511 bytes, in the order in which they came',
    marbles(({ scheduler }) => {
      const { queue, sent } = queueOn(scheduler);
      queue.holdFor(1_000);
      const sizes = [64_511, 64_510, 1_000, 32_000, 32_511, 100, 64_411, 50];
      // The third does not fit the second; from there on three are exactly full, and so are the next two.
      sizes.forEach((size) => queue.add(size < 60 ? event('last') : sized(size)));
      queue.flush();
      const messages = sent.map(([, ...data]) => data.map((text) => (text === 'last' ? 50 : sizeOf(text as string))));
      expect(messages).toStrictEqual([[64_511], [64_510], [1_000, 32_000], [32_511, 100], [64_411, 50]]);
      for (const [, ...data] of sent) {
        expect(JSON.stringify(data.map(event)).length).toBeLessThanOrEqual(65_535 - 1_023);
      }
    }),
  );

  it(
    'counts bytes, not characters',
    marbles(({ scheduler }) => {
      const { queue } = queueOn(scheduler);
      expect(() => queue.add(event('é'.repeat(32_300)))).toThrow(
        new RangeError('sendEvent: an entity has at most 64511 bytes, this one 64623'),
      );
      expect(queue.add(event('é'.repeat(32_200)))).toBe(true);
    }),
  );

  it(
    'refuses what is too large by a byte, and takes what is not',
    marbles(({ scheduler }) => {
      const { queue, sent } = queueOn(scheduler);
      expect(queue.add(sized(64_511))).toBe(true);
      expect(() => queue.add(sized(64_512))).toThrow(RangeError);
      expect(sent).toHaveLength(1);
    }),
  );

  it(
    'refuses what is no JSON, or has no type or no data',
    marbles(({ scheduler }) => {
      const { queue, sent } = queueOn(scheduler);
      const circular: { self?: unknown } = {};
      circular.self = circular;
      const noData = [event(undefined), event(null), event(() => 1), { type: 't' }, { data: 1 }, { type: 1, data: 1 }];
      for (const entity of [undefined, null, 5, event(1n), event(circular), () => 1, ...noData]) {
        expect(() => queue.add(entity as EventEntity)).toThrow(TypeError);
      }
      expect(sent).toStrictEqual([]);
    }),
  );

  it(
    'sends what was given, whatever becomes of the object while it waits',
    marbles(({ scheduler }) => {
      const { queue, sent } = queueOn(scheduler);
      queue.holdFor(100);
      const data: Record<string, unknown> = { text: 'first' };
      queue.add(event(data));
      data['text'] = 'second';
      data['self'] = data;
      queue.flush();
      expect(sent).toStrictEqual([[0, { text: 'first' }]]);
    }),
  );

  it(
    'sends all at once where it is flushed, and leaves no timer',
    marbles(({ scheduler, pending }) => {
      const { queue, sent } = queueOn(scheduler);
      queue.flush();
      queue.holdFor(1_000);
      queue.add(event(1));
      queue.add(event(2));
      queue.flush();
      expect(sent).toStrictEqual([[0, 1, 2]]);
      expect(pending()).toBe(0);
    }),
  );

  it(
    'forgets all where it is stopped, and leaves no timer',
    marbles(({ scheduler, pending }) => {
      const { queue, sent } = queueOn(scheduler);
      queue.holdFor(1_000);
      queue.add(event(1));
      queue.stop();
      queue.flush();
      expect(sent).toStrictEqual([]);
      expect(pending()).toBe(0);
    }),
  );
});

function sizeOf(text: string): number {
  return JSON.stringify(event(text)).length + 1;
}
