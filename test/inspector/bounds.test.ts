import type { ServerResponse } from 'node:http';
import { describe, expect, it, vi } from 'vitest';
import { Subject } from 'rxjs';
import { RawFrame, reject, type AnyFrame } from '../../operators/frame.ts';
import { FrameSample } from '../../src/inspector/frame-sample.ts';
import { KeptFrames } from '../../src/inspector/kept-frames.ts';
import { LivePages } from '../../src/inspector/live-pages.ts';
import { SeenFrame } from '../../src/inspector/seen-frame.ts';
import { StreamWatch } from '../../src/inspector/stream-watch.ts';
import { frames } from '../../src/testing/frames.ts';

const MiB = 1024 * 1024;

/** A sample after these outcomes, numbered from 1. */
function sampled(outcomes: Iterable<AnyFrame>): SeenFrame[] {
  const sample = new FrameSample();
  let number = 0;
  for (const outcome of outcomes) sample.add(outcome, (number += 1), 0);
  return sample.take();
}

describe('FrameSample', () => {
  it('has no more than 64 frames, in order, and some of each kind', () => {
    const names = Array.from({ length: 6 }, (_, index) => `reason ${index}`);
    const sample = sampled(
      Array.from({ length: 6_000 }, (_, index) => reject(frames.raw('x'), 'mine', names[index % 6]!, 'so')),
    );
    expect(new Set(sample.map(({ reason }) => reason))).toStrictEqual(new Set(names));
    expect(sample.map(({ number }) => number)).toStrictEqual(Array.from({ length: 64 }, (_, index) => 5_937 + index));
  });

  it('gives the room that rare kinds do not need to frequent ones', () => {
    const rare = reject(frames.raw('x'), 'mine', 'rare', 'so');
    const sample = sampled([rare, ...Array.from({ length: 100 }, () => frames.keepalive())]);
    expect(sample.map(({ number }) => number)).toStrictEqual([1, ...Array.from({ length: 32 }, (_, at) => 70 + at)]);
  });

  it('stays bounded where each frame is of another kind', () => {
    const outcomes = Array.from({ length: 1_000 }, (_, index) => reject(frames.raw('x'), 'mine', `r${index}`, 'so'));
    expect(sampled(outcomes)).toHaveLength(64);
  });

  it('keeps no more than 16 MiB of payloads, and the frames without them', () => {
    const payload = new Uint8Array(MiB);
    const outcomes = Array.from({ length: 5 * 32 }, (_, at) => reject(frames.raw(payload), 'mine', `r${at % 5}`, 'so'));
    const sample = new FrameSample();
    for (const [at, outcome] of outcomes.entries()) sample.add(outcome, at, 0);
    const kept = sample.take().map(({ payload: head }) => head?.buffer.byteLength ?? 0);
    expect(kept.filter((size) => size === 0)).toHaveLength(32);
    expect(kept.filter((size) => size === 128 * 1024)).toHaveLength(32);
  });

  it('has room again for what was overwritten and taken', () => {
    const sample = new FrameSample();
    const large = frames.raw(new Uint8Array(128 * 1024));
    for (let number = 1; number <= 100; number += 1) sample.add(large, number, 0);
    expect(sample.take().map(({ keptBytes }) => keptBytes)).toStrictEqual(new Array(32).fill(128 * 1024));
    sample.add(large, 101, 0);
    expect(sample.take().map(({ keptBytes }) => keptBytes)).toStrictEqual([128 * 1024]);
    expect(sample.take()).toStrictEqual([]);
  });
});

describe('KeptFrames', () => {
  const seen = (number: number, size = 1) => new SeenFrame(frames.raw(new Uint8Array(size)), number, 0, true);

  it('keeps the last 5,000', () => {
    const kept = new KeptFrames();
    for (let number = 1; number <= 5_001; number += 1) kept.add(seen(number));
    expect([1, 2, 5_001].map((number) => kept.get(number)?.number)).toStrictEqual([undefined, 2, 5_001]);
    expect(kept.last(2).map(({ number }) => number)).toStrictEqual([5_000, 5_001]);
  });

  it('keeps the last 32 MiB of payloads, and the frames without the others', () => {
    const kept = new KeptFrames();
    kept.add(seen(1));
    for (let number = 2; number <= 258; number += 1) kept.add(seen(number, 128 * 1024));
    const sizes = [1, 2, 3, 258].map((number) => kept.get(number)?.keptBytes);
    expect(sizes).toStrictEqual([0, 0, 128 * 1024, 128 * 1024]);
    expect(kept.last(300)).toHaveLength(258);
  });

  it('keeps the head of a large payload, and nothing of the rest', () => {
    const kept = new KeptFrames();
    kept.add(seen(1, 6 * MiB));
    const { payload, byteLength } = kept.get(1)!;
    expect([payload!.byteLength, payload!.buffer.byteLength, byteLength]).toStrictEqual([
      128 * 1024,
      128 * 1024,
      6 * MiB,
    ]);
  });

  it('keeps nothing of the read that a payload was a part of', () => {
    const kept = new KeptFrames();
    const read = new Uint8Array(MiB).fill(7);
    const { connectionId, sequence, timestamp, receivedAt, isBinary } = frames.raw('x');
    const receipt = { connectionId, sequence, timestamp, receivedAt, isBinary, rawData: read.subarray(10, 13) };
    kept.add(new SeenFrame(new RawFrame(receipt), 1, 0, true));
    const { payload } = kept.get(1)!;
    expect([...payload!]).toStrictEqual([7, 7, 7]);
    expect(payload!.buffer.byteLength).toBe(3);
  });
});

describe('LivePages', () => {
  /** A page that reads when the test says so. */
  class Page {
    writableNeedDrain = false;
    readonly events: string[] = [];
    status = 0;

    on(): this {
      return this;
    }

    writeHead(status: number): this {
      this.status = status;
      return this;
    }

    end(text = ''): this {
      this.write(text);
      return this;
    }

    write(text: string): boolean {
      this.events.push(/^event: (\w+)/.exec(text)?.[1] ?? 'none');
      return true;
    }
  }

  it('skips the ticks of a page that does not read, and then sends it all that is kept', () => {
    const outcomes$ = new Subject<AnyFrame>();
    const watch = new StreamWatch({ outcomes$ });
    const pages = new LivePages();
    const page = new Page();
    pages.add(page as unknown as ServerResponse);
    pages.tick(watch);
    pages.tick(watch);
    page.writableNeedDrain = true;
    for (let tick = 0; tick < 100; tick += 1) {
      outcomes$.next(frames.keepalive());
      pages.tick(watch);
    }
    expect(page.events).toStrictEqual(['none', 'full', 'tick']);
    page.writableNeedDrain = false;
    pages.tick(watch);
    pages.tick(watch);
    expect(page.events).toStrictEqual(['none', 'full', 'tick', 'full', 'tick']);
  });

  it('ends at once where a page does not read', async () => {
    const watch = new StreamWatch({ outcomes$: new Subject<AnyFrame>() });
    const pages = new LivePages();
    const page = new Page();
    pages.add(page as unknown as ServerResponse);
    page.writableNeedDrain = true;
    await pages.end(watch);
    expect(page.events).toStrictEqual(['none']);
  });

  it('waits half a second for a page that takes the last message and never reads it', async ({ onTestFinished }) => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const watch = new StreamWatch({ outcomes$: new Subject<AnyFrame>() });
    const pages = new LivePages();
    const page = new Page();
    pages.add(page as unknown as ServerResponse);
    let hasEnded = false;
    const ending = pages.end(watch).then(() => (hasEnded = true));
    await vi.advanceTimersByTimeAsync(499);
    expect(hasEnded).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await ending;
    expect(vi.getTimerCount()).toBe(0);
    expect(page.events).toStrictEqual(['none', 'full', 'closed']);
  });

  it('lets no more than 32 pages in', () => {
    const pages = new LivePages();
    const all = Array.from({ length: 33 }, () => new Page());
    for (const page of all) pages.add(page as unknown as ServerResponse);
    expect(all.filter(({ status }) => status === 200)).toHaveLength(32);
    expect(all.at(-1)?.status).toBe(503);
  });
});
