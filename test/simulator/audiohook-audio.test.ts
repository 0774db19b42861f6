import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { decodeMuLaw, encodeMuLaw } from '../../src/simulator/audiohook/mu-law.ts';
import { percentileMeter } from '../../src/simulator/audiohook/percentiles.ts';
import { durationOf, samplesOf } from '../../src/simulator/audiohook/stream-duration.ts';
import { speechLikeSource, toneSource, wavSource, type MediaOffer } from '../../src/simulator/index.ts';

const STEREO: MediaOffer = { format: 'PCMU', channels: ['external', 'internal'] };
const EXTERNAL: MediaOffer = { format: 'PCMU', channels: ['external'] };
const INTERNAL: MediaOffer = { format: 'PCMU', channels: ['internal'] };
const LINEAR: MediaOffer = { format: 'L16', channels: ['external', 'internal'] };

describe('μ-law', () => {
  it('codes what ITU-T G.711 gives codes for', () => {
    const known = [
      [0, 0xff],
      [-1, 0x7f],
      [7, 0xfe],
      [132, 0xef],
      [-132, 0x6f],
      [18_812, 0x8d],
      [-18_812, 0x0d],
      [25_980, 0x86],
      [-25_980, 0x06],
      [32_124, 0x80],
      [32_767, 0x80],
      [-32_768, 0x00],
    ] as const;
    for (const [sample, code] of known) expect(encodeMuLaw(sample), String(sample)).toBe(code);
  });

  it('decodes the ends and the middle of its scale', () => {
    expect([0x00, 0x80, 0x06, 0x8d, 0x7e, 0xfe, 0xff, 0x7f].map(decodeMuLaw)).toEqual([
      -32_124, 32_124, -25_980, 18_812, -8, 8, 0, 0,
    ]);
  });

  it('codes each decoded code as that code again, but for the second zero', () => {
    for (let code = 0; code < 256; code += 1) {
      expect(encodeMuLaw(decodeMuLaw(code))).toBe(code === 0x7f ? 0xff : code);
    }
  });

  it('is nowhere further off than half a step', () => {
    for (let sample = -32_124; sample <= 32_124; sample += 1) {
      const step = 2 ** (24 - Math.clz32(Math.min(Math.abs(sample), 32_635) + 132) + 3);
      expect(Math.abs(decodeMuLaw(encodeMuLaw(sample)) - sample)).toBeLessThanOrEqual(step / 2);
    }
  });
});

describe('durations', () => {
  it('are written as AudioHook has them, and read again', () => {
    expect([0, 1, 1600, 8000, 98_720, 8001].map(durationOf)).toEqual([
      'PT0S',
      'PT0.000125S',
      'PT0.2S',
      'PT1S',
      'PT12.34S',
      'PT1.000125S',
    ]);
    for (let samples = 0; samples < 100_000; samples += 7) expect(samplesOf(durationOf(samples))).toBe(samples);
    expect(samplesOf('PT.5S')).toBe(4000);
    for (const text of ['1.5', 'PT1M', 'PT-1S', 'PTS', '', undefined, 3]) expect(samplesOf(text)).toBeUndefined();
  });
});

describe('toneSource', () => {
  it('is 1 kHz on both channels', () => {
    const frame = toneSource().track(STEREO, 1600).slice(0, 8);
    const samples = Array.from(frame, decodeMuLaw);
    expect(samples.filter((_, index) => index % 2 === 0)).toEqual(samples.filter((_, index) => index % 2 === 1));
    const wave = samples.filter((_, index) => index % 2 === 0);
    expect(wave.map(Math.sign)).toEqual([0, 1, 1, 1, 0, -1, -1, -1]);
    expect(Math.max(...wave)).toBe(25_980);
  });

  it('goes on without a break, wherever a slice begins', () => {
    const track = toneSource({ frequency: 441 }).track(EXTERNAL, 1600);
    const whole = Buffer.concat([0, 1600, 3200, 4800, 6400, 8000, 9600].map((position) => track.slice(position, 1600)));
    expect(whole).toHaveLength(7 * 1600);
    for (const position of [0, 1, 799, 7999, 8001]) {
      expect(Buffer.from(track.slice(position, 1600))).toEqual(whole.subarray(position, position + 1600));
    }
    expect(whole.subarray(8000)).toEqual(whole.subarray(0, 3200));
  });

  it('may have another tone for each channel', () => {
    const source = toneSource({ frequency: 500, internalFrequency: 700 });
    const both = source.track(STEREO, 1600).slice(0, 100);
    const [external, internal] = [
      source.track(EXTERNAL, 1600).slice(0, 100),
      source.track(INTERNAL, 1600).slice(0, 100),
    ];
    expect(Buffer.from(both.filter((_, index) => index % 2 === 0))).toEqual(Buffer.from(external));
    expect(Buffer.from(both.filter((_, index) => index % 2 === 1))).toEqual(Buffer.from(internal));
    expect(Buffer.from(external)).not.toEqual(Buffer.from(internal));
  });

  it('is linear with the low byte first where that is chosen', () => {
    const bytes = Buffer.from(toneSource().track(LINEAR, 1600).slice(0, 3));
    expect(bytes).toHaveLength(12);
    expect([bytes.readInt16LE(0), bytes.readInt16LE(4), bytes.readInt16LE(8)]).toEqual([0, 18_385, 26_000]);
  });

  it('gives each frame as a view of the same bytes', () => {
    const source = toneSource();
    expect(source.track(STEREO, 1600).slice(0, 1600).buffer).toBe(
      source.track({ ...STEREO }, 1600).slice(1600, 1600).buffer,
    );
  });

  it('takes whole hertz below half the sampling rate', () => {
    expect(() => toneSource({ frequency: 4000 })).toThrow(
      new RangeError('toneSource: frequency must be an integer from 1 to 3999, got 4000'),
    );
    expect(() => toneSource({ internalFrequency: 0 })).toThrow(RangeError);
    expect(() => toneSource({ pitch: 3 } as object)).toThrow(TypeError);
  });
});

describe('speechLikeSource', () => {
  const loudness = (bytes: Uint8Array): number => Math.max(...Array.from(bytes, (code) => Math.abs(decodeMuLaw(code))));

  it('is the same with the same seed', () => {
    const frame = (seed: number): Buffer =>
      Buffer.from(speechLikeSource({ seed }).track(STEREO, 1600).slice(16_000, 1600));
    expect(frame(5)).toEqual(frame(5));
    expect(frame(5)).not.toEqual(frame(6));
  });

  it('has one person speak at a time, each at times, with silence between', () => {
    const source = speechLikeSource();
    const [external, internal] = [source.track(EXTERNAL, 160), source.track(INTERNAL, 160)];
    const seen = new Set<string>();
    for (let position = 0; position < 240_000; position += 160) {
      const heard = [external, internal].map((track) => (loudness(track.slice(position, 160)) > 0 ? 1 : 0));
      seen.add(heard.join(''));
    }
    expect([...seen].sort()).toEqual(['00', '01', '10']);
  });
});

describe('wavSource', () => {
  const directory = mkdtempSync(join(tmpdir(), 'rxframe-wav-'));
  afterAll(() => rmSync(directory, { recursive: true }));
  let files = 0;

  const chunk = (id: string, body: Buffer): Buffer => {
    const head = Buffer.alloc(8);
    head.write(id, 'latin1');
    head.writeUInt32LE(body.length, 4);
    return Buffer.concat([head, body, Buffer.alloc(body.length % 2)]);
  };
  const formatChunk = (tag: number, channels: number, bits: number, rate = 8000): Buffer => {
    const body = Buffer.alloc(16);
    const width = (channels * bits) / 8;
    for (const [value, offset] of [
      [tag, 0],
      [channels, 2],
      [width, 12],
      [bits, 14],
    ] as const)
      body.writeUInt16LE(value, offset);
    body.writeUInt32LE(rate, 4);
    body.writeUInt32LE(rate * width, 8);
    return body;
  };
  const write = (...chunks: Buffer[]): string => {
    const body = Buffer.concat([Buffer.from('WAVE'), ...chunks]);
    files += 1;
    const path = join(directory, `${files}.wav`);
    writeFileSync(path, chunk('RIFF', body));
    return path;
  };
  const pcm = (...samples: number[]): Buffer => Buffer.from(Int16Array.from(samples).buffer);

  it('gives μ-law byte by byte', () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
    const source = wavSource(write(chunk('fmt ', formatChunk(7, 2, 8)), chunk('data', bytes)));
    expect(source.samples).toBe(128);
    expect(Buffer.from(source.track(STEREO, 1600).slice(0, 1600))).toEqual(bytes);
    expect(Buffer.from(source.track(INTERNAL, 1600).slice(3, 2))).toEqual(Buffer.from([7, 9]));
  });

  it('codes 16-bit PCM, passes over other chunks, and takes an odd one with its padding', () => {
    const path = write(
      chunk('LIST', Buffer.from('abc')),
      chunk('fmt ', formatChunk(1, 2, 16)),
      chunk('fact', Buffer.alloc(4)),
      chunk('data', pcm(0, -32_768, 18_812, 25_980)),
    );
    const source = wavSource(path);
    expect(source.samples).toBe(2);
    expect([...source.track(STEREO, 1600).slice(0, 2)]).toEqual([0xff, 0x00, 0x8d, 0x86]);
    expect(Buffer.from(source.track(LINEAR, 1600).slice(1, 1))).toEqual(pcm(18_812, 25_980));
  });

  it('is heard on both channels where it has one, and ends where it ends', () => {
    const source = wavSource(write(chunk('fmt ', formatChunk(1, 1, 16)), chunk('data', pcm(0, 18_812, 25_980))));
    expect([...source.track(STEREO, 1600).slice(1, 5)]).toEqual([0x8d, 0x8d, 0x86, 0x86]);
    expect([...source.track(INTERNAL, 1600).slice(0, 5)]).toEqual([0xff, 0x8d, 0x86]);
  });

  it('reads the extensible form, and data whose length was never filled in', () => {
    const extension = Buffer.alloc(24);
    extension.writeUInt16LE(22, 0);
    extension.writeUInt16LE(1, 8);
    const format = Buffer.concat([formatChunk(0xfffe, 1, 16), extension]);
    const data = chunk('data', pcm(1, 2, 3));
    data.writeUInt32LE(0xffff_ffff, 4);
    expect(wavSource(write(chunk('fmt ', format), data)).samples).toBe(3);
  });

  it('says what is wrong with another file', () => {
    const data = chunk('data', pcm(1, 2));
    expect(() => wavSource(write(chunk('fmt ', formatChunk(1, 2, 16, 44_100)), data))).toThrow(
      /wavSource: .*\.wav must have 8000 samples a second, has 44100/,
    );
    expect(() => wavSource(write(chunk('fmt ', formatChunk(1, 3, 16)), data))).toThrow(/1 or 2 channels, has 3/);
    expect(() => wavSource(write(chunk('fmt ', formatChunk(3, 1, 32)), data))).toThrow(/is format 3 of 32 bits/);
    expect(() => wavSource(write(data))).toThrow(/has no format and data/);
    expect(() => wavSource(write(chunk('fmt ', formatChunk(1, 1, 16)), chunk('data', Buffer.alloc(0))))).toThrow(
      /no audio/,
    );
    const path = join(directory, 'text.wav');
    writeFileSync(path, 'no sound at all');
    expect(() => wavSource(path)).toThrow(RangeError);
    expect(() => wavSource(join(directory, 'nothing.wav'))).toThrow(/ENOENT/);
    expect(() => wavSource('')).toThrow(RangeError);
  });
});

describe('percentiles', () => {
  it('are within 5 % of the exact ones, and the largest value is exact', () => {
    const meter = percentileMeter();
    expect(meter.read()).toBeUndefined();
    for (let value = 1; value <= 1000; value += 1) meter.add(value);
    const { p50, p99, max } = meter.read()!;
    expect(p50).toBeGreaterThanOrEqual(500);
    expect(p50).toBeLessThan(500 * 1.05);
    expect(p99).toBeGreaterThanOrEqual(990);
    expect(p99).toBeLessThanOrEqual(1000);
    expect(max).toBe(1000);
  });

  it('take in nothing at all and very much', () => {
    const meter = percentileMeter();
    meter.add(0);
    expect(meter.read()).toEqual({ p50: 0, p99: 0, max: 0 });
    meter.add(1e12);
    expect(meter.read()!.max).toBe(1e12);
  });
});
