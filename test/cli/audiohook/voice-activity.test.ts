import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VoiceActivity, type Utterance } from '../../../src/cli/audiohook/voice-activity.ts';

/** 100 ms, in samples. */
const WINDOW = 800;

/** A wave of so many samples that is as loud as that all the time. */
function wave(samples: number, amplitude: number): Int16Array {
  return Int16Array.from({ length: samples }, (_, index) => (index % 2 === 0 ? amplitude : -amplitude));
}

/** Windows: `L` for a loud one, `.` for a quiet one. */
function audio(windows: string): Int16Array {
  const samples = new Int16Array(windows.length * WINDOW);
  Array.from(windows, (window, index) => samples.set(wave(WINDOW, window === 'L' ? 3_000 : 30), index * WINDOW));
  return samples;
}

/** What is told of audio from the beginning of the stream on, and then of its end. */
function told(windows: string): { readonly ended: readonly Utterance[]; readonly underWay: readonly Utterance[] } {
  const activity = new VoiceActivity();
  return { ended: activity.hear(audio(windows), 0), underWay: activity.end() };
}

/** An utterance in windows. */
function utterance(position: number, windows: number): Utterance {
  return { position: position * WINDOW, samples: windows * WINDOW };
}

describe('VoiceActivity', () => {
  it.each([
    [
      'begins an utterance with the first of two loud windows, and ends it before the first of four quiet ones',
      '..LLL....',
      [utterance(2, 3)],
      [],
    ],
    ['takes one loud window alone for no utterance', '..L.L.L....', [], []],
    ['takes three quiet windows for a pause in it', 'LL...L...LL....', [utterance(0, 11)], []],
    ['tells one after the other', 'LL....LLL....', [utterance(0, 2), utterance(6, 3)], []],
    ['tells what is under way at the end, up to its last loud window', '..LLLL...', [], [utterance(2, 4)]],
    ['tells nothing at the end, where one loud window may have been a beginning', 'LL....L', [utterance(0, 2)], []],
    ['tells nothing of silence', '..........', [], []],
    ['tells nothing of nothing', '', [], []],
  ])('%s', (_, windows, ended, underWay) => {
    expect(told(windows)).toStrictEqual({ ended, underWay });
  });

  it('takes a mean amplitude of 450 for loud, and not 449', () => {
    const activity = new VoiceActivity();
    activity.hear(wave(2 * WINDOW, 449), 0);
    activity.hear(wave(2 * WINDOW, 450), 2 * WINDOW);
    expect(activity.end()).toStrictEqual([utterance(2, 2)]);
  });

  it('goes on after the end with nothing of what was before', () => {
    const activity = new VoiceActivity();
    activity.hear(audio('LLL'), 0);
    activity.hear(wave(WINDOW / 2, 3_000), 3 * WINDOW);
    expect(activity.end()).toStrictEqual([utterance(0, 3)]);
    expect(activity.end()).toStrictEqual([]);
    const position = 3.5 * WINDOW;
    expect(activity.hear(audio('L....LL....'), position)).toStrictEqual([
      { position: position + 5 * WINDOW, samples: 2 * WINDOW },
    ]);
  });

  it('does not end an utterance where audio is missing, nor count that as silence', () => {
    const activity = new VoiceActivity();
    expect(activity.hear(audio('LLL...'), 0)).toStrictEqual([]);
    expect(activity.hear(audio('LL...'), 16 * WINDOW)).toStrictEqual([]);
    expect(activity.hear(audio('.'), 31 * WINDOW)).toStrictEqual([utterance(0, 18)]);
  });

  it('ends an utterance where more than a second is missing', () => {
    const activity = new VoiceActivity();
    expect(activity.hear(audio('LLL'), 0)).toStrictEqual([]);
    expect(activity.hear(audio('LL'), 13 * WINDOW + 1)).toStrictEqual([utterance(0, 3)]);
    expect(activity.end()).toStrictEqual([{ position: 13 * WINDOW + 1, samples: 2 * WINDOW }]);
  });

  it('leaves out what is no whole window before missing audio, so that a window is in one place', () => {
    const activity = new VoiceActivity();
    activity.hear(wave(WINDOW - 1, 30), 0);
    activity.hear(audio('LL'), 100_000);
    expect(activity.end()).toStrictEqual([{ position: 100_000, samples: 2 * WINDOW }]);
  });

  it('tells the same utterances however the audio is cut, and with up to a second missing between windows', () => {
    const span = fc.record({
      missing: fc.nat(8_000),
      windows: fc.string({ unit: fc.constantFrom('L', '.'), minLength: 1, maxLength: 20 }),
      cuts: fc.array(fc.integer({ min: 1, max: 2_000 }), { minLength: 1 }),
    });
    fc.assert(
      fc.property(fc.array(span, { maxLength: 4 }), (spans) => {
        const activity = new VoiceActivity();
        const utterances: Utterance[] = [];
        const positions: number[] = [];
        let position = 0;
        for (const { missing, windows, cuts } of spans) {
          position += missing;
          for (let window = 0; window < windows.length; window += 1) positions.push(position + window * WINDOW);
          const samples = audio(windows);
          for (let from = 0, cut = 0; from < samples.length; cut += 1) {
            const piece = samples.subarray(from, from + cuts[cut % cuts.length]!);
            utterances.push(...activity.hear(piece, position));
            from += piece.length;
            position += piece.length;
          }
        }
        utterances.push(...activity.end());

        const heard = spans.map(({ windows }) => windows).join('');
        const expected = Array.from(heard.matchAll(/LL(?:\.{0,3}L)*/g), ({ 0: match, index }) => ({
          position: positions[index]!,
          samples: positions[index + match.length - 1]! + WINDOW - positions[index]!,
        }));
        expect(utterances).toStrictEqual(expected);
      }),
      { numRuns: 300 },
    );
  });
});
