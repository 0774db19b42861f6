import fc from 'fast-check';
import { from, lastValueFrom, of, take, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { AudioFrame } from '../../src/genesys/audiohook/audio-frame.ts';
import type { MediaFormat } from '../../src/genesys/audiohook/media.ts';
import { splitChannels } from '../../src/genesys/audiohook/split-channels.ts';
import { marbles, record } from '../marbles.ts';
import { audio, audioContract, shown } from './audio.ts';

const both = ['external', 'internal'] as const;
const split = (frame: AudioFrame) => lastValueFrom(of(frame).pipe(splitChannels(), toArray()));

describe('splitChannels', () => {
  it('makes one frame of each channel of PCMU, in their order', async () => {
    const frames = await split(audio([1, 101, 2, 102, 3, 103], { channels: both, position: 80 }));
    const common = { format: 'PCMU', rate: 8000, position: 80, filled: false };
    expect(frames.map(shown)).toStrictEqual([
      { ...common, channels: 'external', bytes: [1, 2, 3] },
      { ...common, channels: 'internal', bytes: [101, 102, 103] },
    ]);
    expect(frames.map(({ samples }) => samples)).toStrictEqual([3, 3]);
  });

  it('keeps the bytes of a sample of L16 together, and goes by the order of the channels', async () => {
    const frames = await split(
      audio([1, 2, 101, 102, 3, 4, 103, 104], { format: 'L16', channels: ['internal', 'external'], filled: true }),
    );
    const common = { format: 'L16', rate: 8000, position: 0, filled: true };
    expect(frames.map(shown)).toStrictEqual([
      { ...common, channels: 'internal', bytes: [1, 2, 3, 4] },
      { ...common, channels: 'external', bytes: [101, 102, 103, 104] },
    ]);
  });

  it(
    'passes a frame of one channel as the same object, and gives those of two at once',
    marbles(({ cold, scheduler, at }) => {
      const [mono, stereo] = [audio([1, 2]), audio([3, 4], { channels: both })];
      const seen = record(cold('-m-s-|', { m: mono, s: stereo }).pipe(splitChannels()), scheduler);
      at(6, () => {
        expect(seen.log.map((entry) => entry.at)).toStrictEqual([1, 3, 3, 5]);
        expect(seen.log[0]?.next).toBe(mono);
        expect(seen.log[1]?.next).toMatchObject({ rawData: stereo.rawData, sequence: stereo.sequence });
      });
    }),
  );

  it('gives no second channel to one who wants the first only', async () => {
    const source = from([audio([1, 2], { channels: both }), audio([3, 4], { channels: both })]);
    expect(await lastValueFrom(source.pipe(splitChannels(), take(1), toArray()))).toHaveLength(1);
  });

  it('gives empty frames for an empty one', async () => {
    expect((await split(audio([], { channels: both }))).map(({ samples }) => samples)).toStrictEqual([0, 0]);
  });

  it('loses nothing: interleaved again, it is what it was', async () => {
    const size = { PCMU: 1, L16: 2 };
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom<MediaFormat>('PCMU', 'L16'),
        fc.array(fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255)), { maxLength: 50 }),
        async (format, blocks) => {
          const bytes = blocks.flatMap((block) => block.slice(0, 2 * size[format]));
          const [e, i] = (await split(audio(bytes, { format, channels: both }))) as [AudioFrame, AudioFrame];
          const again: number[] = [];
          for (let at = 0; at < e.decodedData.length; at += size[format]) {
            for (const { decodedData } of [e, i]) again.push(...decodedData.subarray(at, at + size[format]));
          }
          expect(again).toStrictEqual(bytes);
        },
      ),
    );
  });
});

audioContract(
  'splitChannels',
  splitChannels,
  () => [audio([1, 2]), audio([3, 4], { position: 2 })],
  (frame) => frame,
);
