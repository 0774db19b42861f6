import { encodeUpdate, interactionUpdate, type InteractionUpdate } from './interaction-update.ts';
import { integerBetween, mixSeeds, mulberry32, pick, type Random } from './random.ts';
import { FRAME_FAULTS, OUTCOME_OF_FAULT, type FrameFault, type SimulatedFrame } from './simulated-frame.ts';

/** How many frames there are of each fault. Of `oversize` there is one, for its size. */
const VARIANTS = 8;

/** Each is wrong in another way: RFC 3629 sections 3 and 4. */
const NOT_UTF8 = [
  [0xff],
  [0x80], // a continuation byte that continues nothing
  [0xc3, 0x28], // a second byte that is none
  [0xc0, 0xaf], // an overlong form
  [0xed, 0xa0, 0x80], // a surrogate
  [0xf5, 0x80, 0x80, 0x80], // above U+10FFFF
  [0xe2, 0x82], // cut short by the end of the string
  [0xf0, 0x9f, 0x93], // the same, one byte before a character is whole
] as const;

const MARK = 'here-the-bytes-go';

const FIRST_EVENT = Date.UTC(2026, 0, 5, 8);

function invalidUtf8(update: InteractionUpdate, variant: number): Buffer {
  for (const participant of update.participants) participant['name'] = MARK;
  update.participants.splice(1);
  const [before, after] = JSON.stringify(update).split(MARK) as [string, string];
  return Buffer.concat([
    Buffer.from(before),
    Buffer.from(NOT_UTF8[variant % NOT_UTF8.length] as readonly number[]),
    Buffer.from(after),
  ]);
}

/** Cut as text, not as bytes: what is left is UTF-8 still, and no JSON. */
function truncated(random: Random, update: InteractionUpdate): Buffer {
  const text = JSON.stringify(update);
  return Buffer.from(text.slice(0, integerBetween(random, 1, text.length - 1)));
}

function schemaViolation(random: Random, update: InteractionUpdate, variant: number): Buffer {
  switch (variant % 4) {
    case 0:
      update.id = integerBetween(random, 1, 1_000_000);
      break;
    case 1:
      delete update.routing;
      break;
    case 2:
      update.routing = [update.routing];
      break;
    default:
      update.routing = 'Sales';
  }
  return encodeUpdate(update);
}

function bytesOf(fault: FrameFault, variant: number, seed: number, oversizeBytes: number): Buffer {
  const random = mulberry32(seed);
  const digest = fault === 'wrong-checksum' || (fault === 'schema-violation' && variant % 8 >= 4);
  const timestamp = FIRST_EVENT + variant;
  const byteLength = fault === 'oversize' ? oversizeBytes : integerBetween(random, 500, 2_000);
  const update = interactionUpdate(random, { byteLength, timestamp, digest });
  switch (fault) {
    case 'invalid-utf8':
      return invalidUtf8(update, variant);
    case 'truncated-json':
      return truncated(random, update);
    case 'schema-violation':
      return schemaViolation(random, update, variant);
    case 'oversize':
      return encodeUpdate(update);
    case 'wrong-checksum':
      return encodeUpdate(update, true);
    case 'unknown-type':
      update.type = 'conversation.unknown';
      return encodeUpdate(update);
  }
}

/** Gives faulty frames: of that fault where it is named, of any fault otherwise. The same random numbers, the same frame. */
export type FaultyFrames = (random: Random, fault?: FrameFault) => SimulatedFrame;

/**
 * **The faulty frames of a simulator**, some of each fault, each made when first asked for and kept: all connections
 * share them, so that ten thousand faults of 6 MiB take the memory of one.
 */
export function faultyFrames(seed: number, oversizeBytes: number): FaultyFrames {
  const made = new Map<string, SimulatedFrame>();
  return (random, named) => {
    const fault = named ?? pick(random, FRAME_FAULTS);
    const variant = fault === 'oversize' ? 0 : integerBetween(random, 0, VARIANTS - 1);
    const key = `${fault} ${variant}`;
    const kept = made.get(key);
    if (kept) return kept;
    const frame: SimulatedFrame = {
      payloadType: fault === 'unknown-type' ? 'conversation.unknown' : 'interaction.update',
      isBinary: false,
      data: bytesOf(fault, variant, mixSeeds(seed, FRAME_FAULTS.indexOf(fault), variant), oversizeBytes),
      expected: OUTCOME_OF_FAULT[fault],
    };
    made.set(key, frame);
    return frame;
  };
}
