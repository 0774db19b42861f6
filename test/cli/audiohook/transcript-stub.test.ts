import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { transcriptStub, type TranscriptStub } from '../../../src/cli/audiohook/transcript-stub.ts';
import { AudioFrame } from '../../../src/genesys/audiohook/audio-frame.ts';
import type { TranscriptEntity } from '../../../src/genesys/audiohook/event-entity.ts';
import type { MediaChannel, MediaFormat } from '../../../src/genesys/audiohook/media.ts';
import { samplesOf } from '../../../src/genesys/audiohook/stream-duration.ts';
import { frames } from '../../../src/testing/frames.ts';

const RATE = 8_000;
/** 100 ms, in samples. */
const WINDOW = 800;
const UUID = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;

/** A sample of either sign, loud and quiet: 0x25 and 0xa5 are -+9852 (ITU-T G.711, table 2b), 0xff and 0x7f are 0. */
const SAMPLES: Readonly<Record<MediaFormat, Readonly<Record<string, readonly (readonly number[])[]>>>> = {
  PCMU: { L: [[0x25], [0xa5]], '.': [[0xff], [0x7f]] },
  L16: {
    L: [
      [0x7c, 0x26],
      [0x84, 0xd9],
    ],
    '.': [
      [0x7f, 0x00],
      [0x81, 0xff],
    ],
  },
};

/** Interleaved audio of channels of equal length, described in windows of 100 ms: `L` for a loud one, `.` for a quiet one. */
function audio(format: MediaFormat, ...channels: readonly string[]): Uint8Array {
  const bytes: number[] = [];
  for (let index = 0; index < channels[0]!.length * WINDOW; index += 1) {
    for (const windows of channels) {
      bytes.push(...SAMPLES[format][windows[Math.floor(index / WINDOW)]!]![index % 2]!);
    }
  }
  return Uint8Array.from(bytes);
}

function frame(data: Uint8Array, channels: readonly MediaChannel[], position = 0, format: MediaFormat = 'PCMU') {
  return new AudioFrame(frames.raw(data), data, { format, channels, rate: RATE, position });
}

const STEREO = ['external', 'internal'] as const;

function heard(stub: TranscriptStub, ...channels: readonly [string, string]): readonly TranscriptEntity[] {
  return stub.hear(frame(audio('PCMU', ...channels), STEREO));
}

/** What there is of a transcript, but for its words: channel, offset and duration. */
function placesOf(entities: readonly TranscriptEntity[]): readonly unknown[] {
  return entities.map(({ data: { channelId, offset, duration } }) => [channelId, offset, duration]);
}

describe('transcriptStub', () => {
  it('gives a final transcript of made-up words that fill the utterance', () => {
    const [entity, ...others] = heard(transcriptStub({ language: 'en-US' }), '...LLLLLLLL....', '...............');
    expect(others).toStrictEqual([]);
    expect(entity).toStrictEqual({
      type: 'transcript',
      data: {
        id: expect.stringMatching(UUID) as string,
        channelId: 0,
        isFinal: true,
        offset: 'PT0.3S',
        duration: 'PT0.8S',
        alternatives: [
          {
            confidence: 0.9,
            languages: ['en-US'],
            interpretations: [
              {
                type: 'display',
                transcript: 'these words',
                tokens: [
                  { type: 'word', value: 'these', confidence: 0.9, offset: 'PT0.3S', duration: 'PT0.4S' },
                  { type: 'word', value: 'words', confidence: 0.9, offset: 'PT0.7S', duration: 'PT0.4S' },
                ],
              },
            ],
          },
        ],
      },
    });
  });

  it('says nothing of the language, where there is none', () => {
    const [entity] = heard(transcriptStub({ language: undefined }), 'LL....', '......');
    expect(entity?.data.alternatives[0]).not.toHaveProperty('languages');
  });

  it('gives what is under way at the end, of both channels, and each with an id of its own', () => {
    const stub = transcriptStub({ language: 'en-US' });
    expect(heard(stub, '..LLLLL', 'LLLL...')).toStrictEqual([]);
    const entities = stub.end();
    expect(placesOf(entities)).toStrictEqual([
      [1, 'PT0S', 'PT0.4S'],
      [0, 'PT0.2S', 'PT0.5S'],
    ]);
    expect(entities[0]?.data.id).not.toBe(entities[1]?.data.id);
    expect(stub.end()).toStrictEqual([]);
  });

  it('has nothing to end where nothing was heard', () => {
    expect(transcriptStub({ language: 'en-US' }).end()).toStrictEqual([]);
  });

  it.each(['external', 'internal'] as const)('calls the %s channel the first, where it is the only one', (channel) => {
    const stub = transcriptStub({ language: 'en-US' });
    expect(placesOf(stub.hear(frame(audio('PCMU', '.LLL....'), [channel], 8_000)))).toStrictEqual([
      [0, 'PT1.1S', 'PT0.3S'],
    ]);
  });

  it('hears the same in 16-bit linear audio, also where it begins at an odd byte', () => {
    const data = audio('L16', 'LL.......', '..LLL....');
    const shifted = new Uint8Array(data.length + 1).subarray(1);
    shifted.set(data);
    for (const bytes of [data, shifted]) {
      expect(placesOf(transcriptStub({ language: 'en-US' }).hear(frame(bytes, STEREO, 0, 'L16')))).toStrictEqual([
        [0, 'PT0S', 'PT0.2S'],
        [1, 'PT0.2S', 'PT0.3S'],
      ]);
    }
  });

  it('gives the same transcripts in the same order, however the audio is cut', () => {
    const windows = fc.string({ unit: fc.constantFrom('L', '.', '..'), minLength: 40, maxLength: 40 });
    const cuts = fc.array(fc.integer({ min: 1, max: 4_000 }), { minLength: 1 });
    fc.assert(
      fc.property(windows, windows, cuts, (external, internal, lengths) => {
        const data = audio('PCMU', external.slice(0, 40), internal.slice(0, 40));
        const whole = transcriptStub({ language: 'en-US' });
        const expected = [...whole.hear(frame(data, STEREO)), ...whole.end()];

        const cut = transcriptStub({ language: 'en-US' });
        const entities: TranscriptEntity[] = [];
        for (let position = 0, index = 0; position < data.length / 2; index += 1) {
          const piece = data.subarray(2 * position, 2 * (position + lengths[index % lengths.length]!));
          entities.push(...cut.hear(frame(piece, STEREO, position)));
          position += piece.length / 2;
        }
        entities.push(...cut.end());

        const timeless = (some: readonly TranscriptEntity[]) =>
          some.map(({ data: transcript }) => ({ ...transcript, id: '' }));
        expect(timeless(entities)).toStrictEqual(timeless(expected));
      }),
      { numRuns: 50 },
    );
  });

  it('fills an utterance with words one after the other, however long it is, in a message far below 64 KiB', () => {
    for (const windows of [2, 3, 7, 55, 3_000]) {
      const loud = new Uint8Array(windows * WINDOW).fill(0x25);
      const stub = transcriptStub({ language: 'en-US' });
      stub.hear(frame(loud, ['external'], 123_457));
      const [entity] = stub.end();
      const { offset, duration, alternatives } = entity!.data;
      const { tokens, transcript } = alternatives[0]!.interpretations[0]!;
      let position = samplesOf(offset!, RATE);
      expect(position).toBe(123_457);
      for (const token of tokens!) {
        expect(samplesOf(token.offset, RATE)).toBe(position);
        expect(samplesOf(token.duration, RATE)).toBeGreaterThanOrEqual(1_600);
        position += samplesOf(token.duration, RATE);
      }
      expect(position).toBe(123_457 + samplesOf(duration!, RATE));
      expect(samplesOf(duration!, RATE)).toBe(loud.length);
      expect(tokens!.map(({ value }) => value).join(' ')).toBe(transcript);
      expect(JSON.stringify(entity).length).toBeLessThan(16 * 1024);
    }
  });
});
