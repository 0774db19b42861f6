import fc from 'fast-check';
import { from, lastValueFrom, of, take, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { AudioFrame } from '../../src/genesys/audiohook/audio-frame.ts';
import { fillGaps, type AudioGap, type FillGapsOptions } from '../../src/genesys/audiohook/fill-gaps.ts';
import { marbles, record } from '../marbles.ts';
import { audio, audioContract, numbered, shown } from './audio.ts';

const both = ['external', 'internal'] as const;

/** What leaves, and the gaps that are told. */
async function filled(frames: readonly AudioFrame[], options: FillGapsOptions = {}) {
  const gaps: AudioGap[] = [];
  const operator = fillGaps({ ...options, gaps: { next: (gap) => void gaps.push(gap) } });
  const out = await lastValueFrom(from(frames).pipe(operator, toArray()));
  return { out, gaps };
}
const gap = (position: number, samples: number, ...channels: AudioGap['channels']): AudioGap => ({
  position,
  samples,
  channels: channels.length === 0 ? ['external'] : channels,
});

describe('fillGaps', () => {
  it('passes audio without a hole as the same objects, and tells nothing', async () => {
    const frames = [
      audio([1, 2]),
      audio([3], { position: 2 }),
      audio([], { position: 3 }),
      audio([4], { position: 3 }),
    ];
    const { out, gaps } = await filled(frames);
    expect(out).toHaveLength(4);
    out.forEach((frame, index) => expect(frame).toBe(frames[index]));
    expect(gaps).toStrictEqual([]);
  });

  it('puts silence in, and tells what was missing', async () => {
    const after = audio([9], { position: 5 });
    const { out, gaps } = await filled([audio([1, 2]), after]);
    expect(out.map(shown)).toMatchObject([
      { position: 0, filled: false },
      { format: 'PCMU', channels: 'external', rate: 8000, position: 2, filled: true, bytes: [0xff, 0xff, 0xff] },
      { position: 5, filled: false, bytes: [9] },
    ]);
    expect(out[2]).toBe(after);
    expect(out[1]).toMatchObject({ rawData: after.rawData, sequence: after.sequence });
    expect(gaps).toStrictEqual([gap(2, 3)]);
  });

  it('finds what is missing at the beginning', async () => {
    const { out, gaps } = await filled([audio([1], { position: 3 })]);
    expect(out.map(({ position }) => position)).toStrictEqual([0, 3]);
    expect(gaps).toStrictEqual([gap(0, 3)]);
  });

  it('knows the silence of L16 with two channels', async () => {
    const frame = audio([1, 1, 2, 2], { format: 'L16', channels: both, position: 2 });
    const { out, gaps } = await filled([frame]);
    expect(out.map(shown)[0]).toStrictEqual({
      format: 'L16',
      channels: 'external+internal',
      rate: 8000,
      position: 0,
      filled: true,
      bytes: [0, 0, 0, 0, 0, 0, 0, 0],
    });
    expect(gaps).toStrictEqual([gap(0, 2, ...both)]);
  });

  it.each<[number, readonly number[]]>([
    [8000, [8000]],
    [8001, [8000, 1]],
    [20_000, [8000, 8000, 4000]],
  ])('fills %i samples with frames of one second at most', async (missing, samples) => {
    const { out } = await filled([audio([1, 1], { channels: both, position: missing })]);
    const silence = out.filter((frame) => frame.filled);
    expect(silence.map((frame) => frame.samples)).toStrictEqual(samples);
    expect(silence.map(({ position }) => position)).toStrictEqual(samples.map((_, index) => index * 8000));
    for (const { decodedData } of silence) expect(decodedData.every((byte) => byte === 0xff)).toBe(true);
  });

  it('tells a gap longer than longest and fills it not, and goes on from where the audio does', async () => {
    const frames = [audio([1], { position: 480_001 }), audio([2], { position: 480_003 })];
    const { out, gaps } = await filled(frames);
    expect(out.map(({ position }) => position)).toStrictEqual([480_001, 480_002, 480_003]);
    expect(gaps).toStrictEqual([gap(0, 480_001), gap(480_002, 1)]);
    expect((await filled([audio([1], { position: 480_000 })])).out).toHaveLength(61);
    expect((await filled([audio([1], { position: 8 })], { longest: 1 })).out).toHaveLength(2);
    expect((await filled([audio([1], { position: 9 })], { longest: 1 })).out).toHaveLength(1);
  });

  it('fills no more in all than the longest gap, where neither time nor audio has come', async () => {
    const claims = Array.from({ length: 5 }, (_, index) => audio([1], { position: (index + 1) * 240_000 }));
    const { out, gaps } = await filled(claims);
    expect(gaps).toHaveLength(5);
    expect(out.filter((frame) => frame.filled)).toHaveLength(60);
  });

  it('fills as much as the time since the first frame allows', async () => {
    const at = (receivedAt: number, position: number) =>
      Object.assign(audio([1], { position }), { receivedAt: receivedAt + 500 });
    const minute = 480_000;
    const { out, gaps } = await filled([at(0, minute), at(60_000, 2 * minute), at(90_000, 3 * minute)]);
    expect(gaps).toHaveLength(3);
    expect(out.filter((frame) => frame.filled)).toHaveLength(120);
    expect(out.at(-1)).toMatchObject({ filled: false, position: 3 * minute });
  });

  it('fills ten times as much as there was audio, of a stream that is faster than time', async () => {
    const seconds = (count: number, position: number) => audio(numbered(8000 * count), { position: 8000 * position });
    const { out } = await filled([seconds(10, 60), seconds(1, 130), seconds(1, 171), seconds(1, 232), seconds(1, 233)]);
    expect(out.filter((frame) => frame.filled)).toHaveLength(160);
    expect((await filled([seconds(10, 60), seconds(1, 130), seconds(1, 191)])).out.at(-2)).toMatchObject({
      filled: false,
    });
  });

  it('tells only, where it is not to fill', async () => {
    const frame = audio([1], { position: 3 });
    const { out, gaps } = await filled([frame], { fill: false });
    expect(out).toStrictEqual([frame]);
    expect(gaps).toStrictEqual([gap(0, 3)]);
  });

  it('passes what goes back untouched, and measures from the furthest end', async () => {
    const frames = [audio(numbered(10)), audio([1, 2], { position: 4 }), audio([3], { position: 10 })];
    const { out, gaps } = await filled(frames);
    expect(out).toStrictEqual(frames);
    expect(gaps).toStrictEqual([]);
    const overlap = [audio([1, 2]), audio([2, 3], { position: 1 }), audio([4], { position: 4 })];
    expect((await filled(overlap)).gaps).toStrictEqual([gap(3, 1)]);
  });

  it('follows each list of channels on its own', async () => {
    const { gaps } = await filled([
      audio([1, 2]),
      audio([1], { channels: ['internal'], position: 1 }),
      audio([3], { position: 2 }),
      audio([2], { channels: ['internal'], position: 5 }),
    ]);
    expect(gaps).toStrictEqual([gap(0, 1, 'internal'), gap(2, 3, 'internal')]);
  });

  it(
    'tells a gap before its silence leaves, all at the time of the frame that showed it',
    marbles(({ cold, scheduler, at }) => {
      const order: string[] = [];
      const source = cold('-a--b|', { a: audio([1]), b: audio([2], { position: 9 }) });
      const seen = record(source.pipe(fillGaps({ gaps: { next: () => void order.push('gap') } })), scheduler);
      source.pipe(fillGaps({ gaps: { next: () => void order.push('told') } })).subscribe((frame) => {
        order.push(frame.filled ? 'silence' : 'audio');
      });
      at(6, () => {
        expect(seen.log.map((entry) => entry.at)).toStrictEqual([1, 4, 4, 5]);
        expect(order.filter((word) => word !== 'gap')).toStrictEqual(['audio', 'told', 'silence', 'audio']);
      });
    }),
  );

  it('makes no more silence than is wanted', async () => {
    const far = audio([1], { position: 8000 * 1_000_000 });
    const silence = of(far).pipe(fillGaps({ longest: 2 ** 31 - 1 }), take(2), toArray());
    expect((await lastValueFrom(silence)).map(({ position }) => position)).toStrictEqual([0, 8000]);
  });

  it('leaves no hole, and tells as much as it puts in', async () => {
    const piece = fc.record({ samples: fc.nat(20), hole: fc.nat(20_000) });
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 10 }), async (pieces) => {
        let position = 0;
        const frames = pieces.map(({ samples, hole }) => {
          position += hole;
          const frame = audio(numbered(samples), { position });
          position += samples;
          return frame;
        });
        const { out, gaps } = await filled(frames);
        let end = 0;
        for (const frame of out) {
          expect(frame.position).toBe(end);
          end += frame.samples;
        }
        expect(end).toBe(position);
        expect(out.filter((frame) => !frame.filled)).toStrictEqual(frames);
        const put = out.filter((frame) => frame.filled).reduce((sum, { samples }) => sum + samples, 0);
        expect(gaps.reduce((sum, { samples }) => sum + samples, 0)).toBe(put);
        expect(gaps).toHaveLength(pieces.filter(({ hole }) => hole > 0).length);
      }),
      { numRuns: 50 },
    );
  });

  it.each<[unknown, string]>([
    [{ gaps: {} }, 'TypeError: fillGaps: gaps must be an object with a method next(), got an object'],
    [{ fill: 1 }, 'TypeError: fillGaps: fill must be true or false, got 1'],
    [{ longest: 0 }, 'RangeError: fillGaps: longest must be a number of milliseconds, above 0 and at most 2147483647, got 0'],
    [{ silence: 0 }, 'TypeError: fillGaps: there is no option "silence"; there are gaps, fill, longest'],
  ])('refuses %o', (options, message) => {
    expect(() => fillGaps(options as FillGapsOptions)).toThrow(expect.toSatisfy((error) => String(error) === message));
  }); // prettier-ignore
});

audioContract(
  'fillGaps',
  () => fillGaps(),
  () => [audio(numbered(4)), audio(numbered(4), { position: 4 })],
  (frame) => frame,
);
