/** The faults that a frame can have. */
export const FRAME_FAULTS = [
  'invalid-utf8',
  'truncated-json',
  'schema-violation',
  'oversize',
  'wrong-checksum',
  'unknown-type',
] as const;

/**
 * One thing that is wrong with a frame; all else about it is right.
 *
 * | fault | what is sent | what a correct client makes of it |
 * |---|---|---|
 * | `invalid-utf8` | a text message, JSON but for a sequence in one string that is not UTF-8 | `invalid-utf8` |
 * | `truncated-json` | an `interaction.update` that ends too early | `malformed-json` |
 * | `schema-violation` | an `interaction.update` whose `id` is a number, or whose `routing` is missing, an array or a string | `schema` |
 * | `oversize` | a valid `interaction.update` of `oversizeBytes` bytes | `oversize` |
 * | `wrong-checksum` | a valid `interaction.update` with the digest of other bytes | `checksum-mismatch` |
 * | `unknown-type` | JSON of the type `conversation.unknown` | `unknown-type` |
 */
export type FrameFault = (typeof FRAME_FAULTS)[number];

/** What a correct client makes of a frame: it accepts it, or rejects it for this reason. */
export type ExpectedOutcome =
  'accepted' | 'invalid-utf8' | 'malformed-json' | 'schema' | 'oversize' | 'checksum-mismatch' | 'unknown-type';

/** The outcome that each fault must have. */
export const OUTCOME_OF_FAULT: Readonly<Record<FrameFault, ExpectedOutcome>> = {
  'invalid-utf8': 'invalid-utf8',
  'truncated-json': 'malformed-json',
  'schema-violation': 'schema',
  oversize: 'oversize',
  'wrong-checksum': 'checksum-mismatch',
  'unknown-type': 'unknown-type',
};

/** A frame ready to be sent. */
export interface SimulatedFrame {
  /** The payload's type, as the frame itself has it, or would have it were it whole. */
  readonly payloadType: string;
  /** True for a binary message, false for a text message. */
  readonly isBinary: boolean;
  /** The bytes. Shared by all sendings of the frame: do not write to them. */
  readonly data: Buffer;
  /** What a correct client makes of it. */
  readonly expected: ExpectedOutcome;
}
