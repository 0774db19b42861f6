import { firstValueFrom, of } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { AudioFrame } from '../../src/genesys/audiohook/audio-frame.ts';
import { int16 } from '../../src/genesys/audiohook/int16.ts';
import { PCMU_LEVELS } from '../../src/genesys/audiohook/pcmu.ts';
import { toL16 } from '../../src/genesys/audiohook/to-l16.ts';
import { audio, audioContract, shown } from './audio.ts';

const linear = (frame: AudioFrame) => firstValueFrom(of(frame).pipe(toL16()));
/** Where the segments of G.711 begin, from the smallest, and the code of the first step: table 2a, times four. */
const SEGMENTS = [0, 124, 380, 892, 1916, 3964, 8060, 16_252] as const;

/** Another way from level to code: by the segments' beginnings, not by shifts. */
function codeOf(level: number): number {
  const segment = SEGMENTS.findLastIndex((begin) => Math.abs(level) >= begin);
  const step = Math.min(15, Math.floor((Math.abs(level) - SEGMENTS[segment]!) / (8 << segment)));
  return 255 - (level < 0 ? 128 : 0) - segment * 16 - step;
}

describe('PCMU_LEVELS', () => {
  it.each([
    [0xff, 0],
    [0x7f, 0],
    [0xfe, 8],
    [0x7e, -8],
    [0xf0, 120],
    [0xef, 132],
    [0x80, 32_124],
    [0x00, -32_124],
    [0x8f, 16_764],
    [0x0f, -16_764],
    [0x55, -716],
    [0xd5, 716],
  ])('has for code %i the level %i', (code, level) => {
    expect(PCMU_LEVELS[code]).toBe(level);
  });

  it('comes back to the same code on the way there and back, but for the second zero', () => {
    const codes = Array.from({ length: 256 }, (_, code) => code);
    const there = codes.map((code) => codeOf(PCMU_LEVELS[code]!));
    expect(there).toStrictEqual(codes.with(0x7f, 0xff));
  });

  it('falls from the loudest positive to 0, and rises from the loudest negative to 0', () => {
    const levels = [...PCMU_LEVELS];
    const ascending = [...levels].sort((a, b) => a - b);
    expect([...levels.slice(0, 128), ...levels.slice(128).reverse()]).toStrictEqual(ascending);
  });
});

describe('toL16', () => {
  it('makes of each byte two, the low one first', async () => {
    const frame = await linear(
      audio([0xff, 0x00, 0x80, 0xfe], { channels: ['external', 'internal'], position: 40, filled: true }),
    );
    expect(shown(frame)).toStrictEqual({
      format: 'L16',
      channels: 'external+internal',
      rate: 8000,
      position: 40,
      filled: true,
      bytes: [0, 0, 0x84, 0x82, 0x7c, 0x7d, 8, 0],
    });
    expect([frame.samples, frame.duration]).toStrictEqual([2, 0.25]);
  });

  it('passes L16 as the same object', async () => {
    const frame = audio([1, 2], { format: 'L16' });
    expect(await linear(frame)).toBe(frame);
  });

  it('gives the samples of every code', async () => {
    const every = Uint8Array.from({ length: 256 }, (_, code) => code);
    expect(int16(await linear(audio(every)))).toStrictEqual(PCMU_LEVELS);
  });
});

describe('int16', () => {
  const bytes = Uint8Array.of(9, 1, 0, 0xff, 0xff, 0, 0x80, 9);

  it('gives a view where the bytes stand at an even place', () => {
    const data = bytes.subarray(2, 6);
    const samples = int16(audio(data, { format: 'L16' }));
    expect([...samples]).toStrictEqual([-256, 255]);
    expect(samples.buffer).toBe(bytes.buffer);
  });

  it.each<[string, Uint8Array]>([
    ['an array of bytes', bytes.subarray(1, 7)],
    ["one of Node's buffers", Buffer.from(bytes.buffer, 1, 6)],
  ])('gives a copy where they stand at an odd place of %s', (_name, data) => {
    const samples = int16(audio(data, { format: 'L16' }));
    expect([...samples]).toStrictEqual([1, -1, -32_768]);
    expect(samples.buffer).not.toBe(bytes.buffer);
  });

  it('refuses PCMU', () => {
    expect(() => int16(audio([1, 2]))).toThrow(
      new TypeError('int16: the frame must be L16, got PCMU; put toL16() before it'),
    );
  });
});

audioContract(
  'toL16',
  toL16,
  () => [audio([0xff, 0]), audio([0x7f, 1], { position: 2 })],
  (frame) =>
    audio(
      [...frame.decodedData].flatMap((code) => {
        const level = PCMU_LEVELS[code]!;
        return [level & 255, (level >> 8) & 255];
      }),
      { position: frame.position, format: 'L16' },
    ),
);
