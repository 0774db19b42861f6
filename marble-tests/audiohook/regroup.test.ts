import fc from 'fast-check';
import { concat, from, lastValueFrom, of, Subject, take, throwError, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { AudioFrame } from '../../src/genesys/audiohook/audio-frame.ts';
import { regroup, type RegroupOptions } from '../../src/genesys/audiohook/regroup.ts';
import { splitChannels } from '../../src/genesys/audiohook/split-channels.ts';
import { marbles, record } from '../marbles.ts';
import { audio, audioContract, numbered, shown } from './audio.ts';

/** One sample is 0.125 ms: windows of four. */
const FOUR = { duration: 0.5 };
const both = ['external', 'internal'] as const;
const regrouped = (frames: readonly AudioFrame[], options: RegroupOptions = FOUR) =>
  lastValueFrom(from(frames).pipe(regroup(options), toArray()));
const briefly = (frames: readonly AudioFrame[]) =>
  frames.map(({ position, decodedData }) => [position, [...decodedData]] as const);

describe('regroup', () => {
  it(
    'lets a window go as soon as it is whole, and the rest with the completion',
    marbles(({ cold, scheduler, at }) => {
      const source = cold('-a-b-c|', {
        a: audio([0, 1, 2]),
        b: audio([3, 4, 5, 6, 7, 8], { position: 3 }),
        c: audio([9], { position: 9 }),
      });
      const seen = record(source.pipe(regroup(FOUR)), scheduler);
      at(7, () => {
        expect(seen.log.map((entry) => entry.at)).toStrictEqual([3, 3, 6, 6]);
        const frames = seen.log.slice(0, 3).map(({ next }) => next as AudioFrame);
        expect(briefly(frames)).toStrictEqual([
          [0, [0, 1, 2, 3]],
          [4, [4, 5, 6, 7]],
          [8, [8, 9]],
        ]);
        expect(seen.log[3]).toHaveProperty('complete');
        expect(frames.map(({ sequence }) => sequence)).toStrictEqual([0, 3, 3]);
      });
    }),
  );

  it('counts in samples of all channels and all bytes of them', async () => {
    const stereo = await regrouped([
      audio(numbered(12), { format: 'L16', channels: both }),
      audio(numbered(12, 12), { format: 'L16', channels: both, position: 3 }),
    ]);
    expect(stereo.map(shown)).toMatchObject([
      { format: 'L16', channels: 'external+internal', position: 0, bytes: [...numbered(16)] },
      { format: 'L16', channels: 'external+internal', position: 4, bytes: [...numbered(8, 16)] },
    ]);
    const hundred = await regrouped([audio(numbered(1600), { position: 7 })], { duration: 100 });
    expect(hundred.map(({ position, duration }) => [position, duration])).toStrictEqual([
      [7, 100],
      [807, 100],
    ]);
  });

  it('passes a frame that is one window as the same object, and one that is left over whole too', async () => {
    const frames = [audio(numbered(4)), audio(numbered(4), { position: 4 }), audio(numbered(3), { position: 8 })];
    const out = await regrouped(frames);
    expect(out).toHaveLength(3);
    out.forEach((frame, index) => expect(frame).toBe(frames[index]));
  });

  it('gives views of a message that has more, and never of one buffer for two messages', async () => {
    const long = audio(numbered(9));
    const [first, second, last] = await regrouped([long, audio([9], { position: 9 })]);
    for (const frame of [first, second]) expect(frame?.decodedData.buffer).toBe(long.decodedData.buffer);
    expect(last?.decodedData.buffer).not.toBe(long.decodedData.buffer);
  });

  it.each<[string, readonly AudioFrame[], readonly (readonly [number, readonly number[]])[]]>([
    ['a hole', [audio([0, 1, 2]), audio([3, 4], { position: 5 })], [[0, [0, 1, 2]], [5, [3, 4]]]],
    ['a step back', [audio([0, 1, 2], { position: 5 }), audio([3, 4])], [[5, [0, 1, 2]], [0, [3, 4]]]],
    ['a frame that comes twice', [audio([0, 1]), audio([0, 1])], [[0, [0, 1]], [0, [0, 1]]]],
    ['a hole behind whole windows', [audio(numbered(6)), audio([9, 9, 9], { position: 7 })],
      [[0, [0, 1, 2, 3]], [4, [4, 5]], [7, [9, 9, 9]]]],
    ['another format', [audio([0, 1, 2]), audio([3, 3, 4, 4, 5, 5], { format: 'L16', position: 3 })],
      [[0, [0, 1, 2]], [3, [3, 3, 4, 4, 5, 5]]]],
  ])('puts no window across %s', async (_name, frames, expected) => {
    expect(briefly(await regrouped(frames))).toStrictEqual(expected);
  }); // prettier-ignore

  it('begins anew behind a hole that no audio was held at', async () => {
    const out = await regrouped([
      audio(numbered(4)),
      audio(numbered(2), { position: 9 }),
      audio([7, 8], { position: 11 }),
    ]);
    expect(briefly(out)).toStrictEqual([
      [0, [0, 1, 2, 3]],
      [9, [0, 1, 7, 8]],
    ]);
  });

  it('takes filled audio into its windows, and calls one filled where all of it is', async () => {
    const out = await regrouped([
      audio([0, 1]),
      audio(new Uint8Array(10), { position: 2, filled: true }),
      audio([8], { position: 12 }),
      audio([9], { position: 13, filled: true }),
    ]);
    expect(out.map(({ samples, filled }) => [samples, filled])).toStrictEqual([
      [4, false],
      [4, true],
      [4, true],
      [2, false],
    ]);
  });

  it('has windows of its own for each list of channels', async () => {
    const source = from([0, 3, 6].map((position) => audio(numbered(6, position * 2), { channels: both, position })));
    const out = await lastValueFrom(source.pipe(splitChannels(), regroup(FOUR), toArray()));
    expect(out.map(({ channels, position, samples }) => [...channels, position, samples])).toStrictEqual([
      ['external', 0, 4],
      ['internal', 0, 4],
      ['external', 4, 4],
      ['internal', 4, 4],
      ['external', 8, 1],
      ['internal', 8, 1],
    ]);
  });

  it('makes nothing of empty frames', async () => {
    expect(await regrouped([audio([]), audio([])])).toStrictEqual([]);
    const out = await regrouped([audio([0, 1]), audio([], { position: 2 }), audio([2, 3], { position: 2 })]);
    expect(briefly(out)).toStrictEqual([[0, [0, 1, 2, 3]]]);
  });

  it(
    'lets what is held go before the error of its source',
    marbles(({ scheduler, at }) => {
      const failure = new Error('cut');
      const source = concat(
        of(audio([0, 1])),
        throwError(() => failure),
      );
      const { log } = record(source.pipe(regroup(FOUR)), scheduler);
      at(1, () => {
        expect(log).toStrictEqual([
          { at: 0, next: expect.objectContaining({ samples: 2 }) as unknown },
          { at: 0, error: failure },
        ]);
      });
    }),
  );

  it('keeps the order where a consumer pushes the next frame itself', () => {
    const source = new Subject<AudioFrame>();
    const positions: number[] = [];
    source.pipe(regroup(FOUR)).subscribe(({ position }) => {
      positions.push(position);
      if (position === 0) source.next(audio(numbered(4), { position: 12 }));
    });
    source.next(audio(numbered(12)));
    expect(positions).toStrictEqual([0, 4, 8, 12]);
  });

  it('cuts no more than is wanted', async () => {
    const out = await lastValueFrom(of(audio(numbered(4000))).pipe(regroup(FOUR), take(2), toArray()));
    expect(out).toHaveLength(2);
  });

  it('loses no byte, keeps every position, and gives whole windows but before holes and at the end', async () => {
    const piece = fc.record({
      samples: fc.nat(12),
      hole: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.nat(5)),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 12 }), fc.integer({ min: 1, max: 9 }), async (pieces, size) => {
        let position = 0;
        const frames = pieces.map(({ samples, hole }) => {
          position += hole;
          const frame = audio(numbered(samples, position), { position });
          position += samples;
          return frame;
        });
        const heard = (all: readonly AudioFrame[]) =>
          all.flatMap((frame) => [...frame.decodedData].map((byte, index) => [frame.position + index, byte]));
        const out = await regrouped(frames, { duration: size / 8 });
        expect(heard(out)).toStrictEqual(heard(frames));
        out.forEach((frame, index) => {
          const next = out[index + 1];
          const goesOn = next?.position === frame.position + frame.samples;
          // An empty frame beyond a hole ends a window too, and then there may be none.
          if (goesOn && pieces.every(({ samples }) => samples > 0)) expect(frame.samples).toBe(size);
          expect(frame.samples).toBeLessThanOrEqual(size);
        });
      }),
    );
  });

  it.each<[unknown, string]>([
    [{}, 'TypeError: regroup: duration must be a number of milliseconds, above 0 and at most 2147483647, got undefined'],
    [{ duration: 0 }, 'RangeError: regroup: duration must be a number of milliseconds, above 0 and at most 2147483647, got 0'],
    [{ duration: 0.1 }, 'RangeError: regroup: duration must be a multiple of 0.125 ms, one sample at 8000 Hz, got 0.1'],
    [{ duration: 20, size: 1 }, 'TypeError: regroup: there is no option "size"; there are duration'],
    [undefined, 'TypeError: regroup: options must be an object, got undefined'],
  ])('refuses %o', (options, message) => {
    expect(() => regroup(options as RegroupOptions)).toThrow(expect.toSatisfy((error) => String(error) === message));
  }); // prettier-ignore

  it('takes a single sample for a window', async () => {
    expect(await regrouped([audio([1, 2, 3])], { duration: 0.125 })).toHaveLength(3);
  });
});

audioContract(
  'regroup',
  () => regroup(FOUR),
  () => [audio(numbered(4)), audio(numbered(4), { position: 4 })],
  (frame) => frame,
);
