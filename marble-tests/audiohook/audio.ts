import type { MonoTypeOperatorFunction } from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';
import { AudioFrame, type AudioPlace } from '../../src/genesys/audiohook/audio-frame.ts';
import { operatorContract } from '../../src/testing/operator-contract.ts';
import { marbles, raw } from '../marbles.ts';

/** A frame with those bytes: PCMU on the external channel at position 0, unless `place` says otherwise. */
export function audio(bytes: readonly number[] | Uint8Array, place: Partial<AudioPlace> = {}): AudioFrame {
  const message = raw([1, 2, 3], { sequence: place.position ?? 0 });
  const samples = bytes instanceof Uint8Array ? bytes : Uint8Array.from(bytes);
  return new AudioFrame(message, samples, {
    format: 'PCMU',
    channels: ['external'],
    rate: 8000,
    position: 0,
    ...place,
  });
}

/** So many bytes, each unlike its neighbours. */
export function numbered(length: number, from = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (from + index) % 251);
}

/** What there is to know of a frame, but for the message that it came in. */
export function shown({ format, channels, rate, position, filled, decodedData }: AudioFrame) {
  return { format, channels: channels.join('+'), rate, position, filled, bytes: [...decodedData] };
}

/** **The tests that every operator has to pass**, but the one of rejected frames, which are no audio. */
export function audioContract(
  name: string,
  makeOperator: () => MonoTypeOperatorFunction<AudioFrame>,
  makeFrames: () => readonly AudioFrame[],
  expected: (frame: AudioFrame) => unknown,
): void {
  const make = makeOperator as unknown as (scheduler: TestScheduler) => MonoTypeOperatorFunction<never>;
  const tests = operatorContract<AudioFrame>(marbles, make, makeFrames, { expected });
  describe(`${name}, as every operator`, () => {
    for (const { title, test } of tests) if (!title.includes('rejected')) it(title, test);
  });
  it(`${name} keeps what the socket knew of the message`, () => {
    const [frame] = makeFrames();
    const { rawData, isBinary, connectionId, sequence, timestamp, receivedAt } = frame!;
    expect(expected(frame!)).toMatchObject({ rawData, isBinary, connectionId, sequence, timestamp, receivedAt });
  });
}
