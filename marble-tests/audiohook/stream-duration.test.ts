import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  streamDuration,
  millisecondsOf,
  samplesOf,
  seconds,
  STREAM_DURATION,
} from '../../src/genesys/audiohook/stream-duration.ts';

describe('a stream duration', () => {
  it.each(['PT0S', 'PT12.34S', 'PT.5S', 'PT0.000125S', 'PT999999999999999S', 'PT0001.50S'])('may be %s', (text) => {
    expect(text).toMatch(STREAM_DURATION);
  });

  it.each([
    '',
    'PTS',
    'PT1',
    'PT1.S',
    'PT-1S',
    'PT1e3S',
    'PT1M',
    'P1DT1S',
    'PT1S ',
    'pt1s',
    'PT1,5S',
    'PT1.2.3S',
    'PT1S\n',
  ])('may not be %j', (text) => {
    expect(text).not.toMatch(STREAM_DURATION);
  });

  it('may not be long, as to look at it takes time', () => {
    expect(`PT${'1'.repeat(16)}S`).not.toMatch(STREAM_DURATION);
    expect(`PT1.${'1'.repeat(16)}S`).not.toMatch(STREAM_DURATION);
  });

  it('is that many samples, to the nearest one', () => {
    expect(samplesOf('PT1.5S', 8000)).toBe(12_000);
    expect(samplesOf('PT.000125S', 8000)).toBe(1);
    expect(samplesOf('PT0.00018S', 8000)).toBe(1);
    expect(samplesOf('PT0.00019S', 8000)).toBe(2);
  });

  it('is that many milliseconds', () => {
    expect(millisecondsOf('PT0.25S')).toBe(250);
    expect(millisecondsOf('PT.5S')).toBe(500);
  });

  it.each([
    [0, 'PT0S'],
    [10, 'PT10S'],
    [100.5, 'PT100.5S'],
    [0.1 + 0.2, 'PT0.3S'],
    [1e-7, 'PT0.0000001S'],
    [1e-10, 'PT0S'],
    [3_600_000, 'PT3600000S'],
  ])('is written for %d s as %s', (value, text) => {
    expect(seconds(value)).toBe(text);
    expect(text).toMatch(STREAM_DURATION);
  });

  it('has all samples there and back, for a year', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 8000 * 86_400 * 366 }), (samples) => {
        const text = streamDuration(samples, 8000);
        expect(text).toMatch(STREAM_DURATION);
        expect(samplesOf(text, 8000)).toBe(samples);
      }),
    );
  });
});
