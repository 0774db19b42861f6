import type { FaultyFrames } from './faulty-frames.ts';
import { encodeUpdate, interactionUpdate } from './interaction-update.ts';
import { integerBetween, mixSeeds, mulberry32, type Random } from './random.ts';
import type { FrameFault, SimulatedFrame } from './simulated-frame.ts';

/** Options of {@link frameSequence}. */
export interface FrameSequenceOptions {
  readonly seed: number;
  readonly connection: number;
  readonly poolSize: number;
  readonly badRate: number;
  readonly payloadBytes: { readonly min: number; readonly max: number };
  readonly faulty: FaultyFrames;
}

/** The frame at a place of a connection, from 0; the place's own frame gives way to a fault where one is named. */
export type FrameSequence = (index: number, fault?: FrameFault) => SimulatedFrame;

/** Before any real event, and fixed: a time of day in a frame would make its bytes differ from run to run. */
const FIRST_EVENT = Date.UTC(2026, 0, 5, 9);

/** A byte that no text in UTF-8 begins with, so that the first byte alone tells media from text. */
const MEDIA_DIRECTIVE = 0x80;

function mediaFrame(random: Random): Buffer {
  // Whole periods of 20 ms: 160 bytes each in PCMU at 8 kHz.
  const audioBytes = 160 * integerBetween(random, 2, 20);
  const bytes = Buffer.allocUnsafe(1 + audioBytes);
  bytes[0] = MEDIA_DIRECTIVE;
  for (let at = 1; at < bytes.length; at += 4) bytes.writeUInt32LE(Math.floor(random() * 2 ** 32), at);
  return bytes;
}

function makeFrame(
  random: Random,
  timestamp: number,
  { min, max }: FrameSequenceOptions['payloadBytes'],
): SimulatedFrame {
  const kind = random();
  if (kind < 0.05) {
    const data = Buffer.from(JSON.stringify({ type: 'keepalive', timestamp: new Date(timestamp).toISOString() }));
    return { payloadType: 'keepalive', isBinary: false, data, expected: 'accepted' };
  }
  if (kind < 0.3)
    return { payloadType: 'telephony.media', isBinary: true, data: mediaFrame(random), expected: 'accepted' };
  // The cube makes small ones frequent and large ones rare, as they are.
  const byteLength = Math.round(min + (max - min) * random() ** 3);
  const update = interactionUpdate(random, { byteLength, timestamp, digest: random() < 0.5 });
  return { payloadType: 'interaction.update', isBinary: false, data: encodeUpdate(update), expected: 'accepted' };
}

/**
 * **The frames of one connection**: a pure function of seed, connection and place.
 *
 * About 70 % `interaction.update` (JSON), 25 % `telephony.media` (binary, first byte 0x80) and 5 % `keepalive` (JSON);
 * 1.3 KB in the mean. The first `poolSize` frames are made as they are asked for and kept; then the same bytes come
 * again from the first on, so that sending costs no making. A fault takes a place and moves no other frame.
 */
export function frameSequence(options: FrameSequenceOptions): FrameSequence {
  const { seed, connection, poolSize, badRate, payloadBytes, faulty } = options;
  const frameSeed = mixSeeds(seed, connection, 1);
  const faultSeed = mixSeeds(seed, connection, 2);
  const pool: SimulatedFrame[] = [];

  const goodFrame = (index: number): SimulatedFrame => {
    const place = index % poolSize;
    const kept = pool[place];
    if (kept) return kept;
    const frame = makeFrame(mulberry32(mixSeeds(frameSeed, place)), FIRST_EVENT + place * 100, payloadBytes);
    if (poolSize !== Infinity) pool[place] = frame;
    return frame;
  };

  return (index, fault) => {
    if (fault === undefined && badRate === 0) return goodFrame(index);
    const random = mulberry32(mixSeeds(faultSeed, index));
    const isBad = random() < badRate;
    return fault !== undefined || isBad ? faulty(random, fault) : goodFrame(index);
  };
}
