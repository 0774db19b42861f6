import {
  Decoded,
  Parsed,
  RawFrame,
  RejectedFrame,
  type Issue,
  type Receipt,
  type RejectReason,
} from '../../operators/frame.ts';
import type { DecodedFrame, ParsedFrame, PayloadTypes } from '../../operators/payload-types.ts';
import { SchemaViolation } from '../../operators/validator.ts';
import { genesysTypes } from '../genesys/payload-types.ts';

/** The names of the payload types of a matrix. */
type NameIn<Types extends PayloadTypes> = DecodedFrame<Types>['payloadType'];

/** The frame that `validate` makes of a payload of that type. */
type ParsedAs<Types extends PayloadTypes, Name> = Extract<ParsedFrame<Types>, { readonly payloadType: Name }>;

/** The frame that `decode` makes of a payload of that type. */
type DecodedAs<Types extends PayloadTypes, Name> = Extract<DecodedFrame<Types>, { readonly payloadType: Name }>;

type GenesysFrame<Name> = ParsedAs<typeof genesysTypes, Name>;

/** What a caller gives of an `interaction.update`: its type is what it is. */
type InteractionMembers = Partial<GenesysFrame<'interaction.update'>['decodedData']> & { readonly type?: never };

/** How many frames were made: each has a place of its own. */
let made = 0;

/** The issues of a rejected frame whose expectation names none: any will do. */
export const ANY_ISSUES: readonly Issue[] = Object.freeze([{ message: 'made by frames.rejected' }]);

/**
 * **Makes frames**: for a source (`cold('-a-|', { a })`), for a {@link marbleSocket} (their bytes are sent), and as what is
 * expected, where {@link marbleRunner} compares them by what they are, not by when and on which connection they came.
 *
 * Each has a `frameId` of its own. `receipt` says otherwise where that matters: `frames.keepalive({ sequence: 7 })`.
 */
export const frames = {
  /** As it comes from the socket. A string makes a text message, bytes make a binary one. */
  raw(payload: string | Uint8Array | readonly number[], receipt: Partial<Receipt> = {}): RawFrame {
    return new RawFrame({
      rawData: typeof payload === 'string' ? new TextEncoder().encode(payload) : Uint8Array.from(payload),
      isBinary: typeof payload !== 'string',
      connectionId: 'test',
      sequence: made++,
      timestamp: 0,
      receivedAt: 0,
      ...receipt,
    });
  },

  /**
   * As `decode(types)` makes it: JSON data, or the bytes of a binary type.
   *
   * @throws TypeError where the matrix has no such type, or the data can't be of it
   */
  decoded<Types extends PayloadTypes, Name extends NameIn<Types>>(
    types: Types,
    payloadType: Name,
    data: unknown,
    receipt?: Partial<Receipt>,
  ): DecodedAs<Types, Name> {
    const raw = carrying('frames.decoded', types, payloadType, data, receipt);
    return new Decoded(raw, payloadType, data, types.rows[payloadType]) as unknown as DecodedAs<Types, Name>;
  },

  /**
   * As `validate()` makes it.
   *
   * @throws TypeError where the matrix has no such type, or the data is not what its schema describes
   */
  parsed<Types extends PayloadTypes, Name extends NameIn<Types>>(
    types: Types,
    payloadType: Name,
    data: ParsedAs<Types, Name>['decodedData'],
    receipt?: Partial<Receipt>,
  ): ParsedAs<Types, Name> {
    const raw = carrying('frames.parsed', types, payloadType, data, receipt);
    const row = types.rows[payloadType];
    const valid = row?.validator('fast')?.(data, raw.byteLength, 1) ?? data;
    if (valid instanceof SchemaViolation) {
      const faults = valid.issues.map(({ message, path }) => (path === undefined ? message : `${path} ${message}`));
      throw new TypeError(`frames.parsed: the data must be a valid '${payloadType}': ${faults.join(', ')}`);
    }
    return new Parsed(raw, payloadType, valid, row) as unknown as ParsedAs<Types, Name>;
  },

  /**
   * As a stage rejects it: `frames.rejected('validate', 'schema')`. Expected, it equals whatever that stage rejected for that
   * reason; with messages, only what was rejected with just these. To reject a frame of your own, use `reject` of
   * `rxframe/operators`.
   */
  rejected(stage: string, reason: RejectReason, ...messages: readonly string[]): RejectedFrame {
    const issues = messages.length === 0 ? ANY_ISSUES : messages.map((message) => ({ message }));
    return new RejectedFrame(frames.raw('rejected'), stage, reason, issues);
  },

  /** An `interaction.update` of Genesys Cloud's streaming endpoint, with the members that matter to the test. */
  interactionUpdate(members: InteractionMembers = {}, receipt?: Partial<Receipt>): GenesysFrame<'interaction.update'> {
    const data = { id: 'interaction-1', type: 'interaction.update', routing: {}, ...members };
    return frames.parsed(genesysTypes, 'interaction.update', data, receipt);
  },

  /** A `telephony.media` frame: 0x80, and the bytes of the audio. */
  telephonyMedia(
    audio: readonly number[] | Uint8Array = [],
    receipt?: Partial<Receipt>,
  ): GenesysFrame<'telephony.media'> {
    return frames.parsed(genesysTypes, 'telephony.media', Uint8Array.of(0x80, ...audio), receipt);
  },

  /** A `keepalive`. */
  keepalive(receipt?: Partial<Receipt>): GenesysFrame<'keepalive'> {
    return frames.parsed(genesysTypes, 'keepalive', { type: 'keepalive' }, receipt);
  },
};

/** The raw frame that carries a payload of that type. */
function carrying(
  caller: string,
  types: PayloadTypes,
  payloadType: string,
  data: unknown,
  receipt?: Partial<Receipt>,
): RawFrame {
  if (!Object.hasOwn(types.rows, payloadType) && payloadType !== 'unknown') {
    throw new TypeError(`${caller}: '${payloadType}' must be one of ${Object.keys(types.rows).join(', ')}`);
  }
  if (types.rows[payloadType]?.format === 'binary') {
    if (data instanceof Uint8Array && types.binaryNameOf(data) === payloadType) return frames.raw(data, receipt);
    throw new TypeError(`${caller}: the data must be bytes that the matrix takes for '${payloadType}', and is not`);
  }
  const text = JSON.stringify(data) as string | undefined;
  if (text === undefined)
    throw new TypeError(`${caller}: the data of '${payloadType}' must be JSON, got ${typeof data}`);
  return frames.raw(text, receipt);
}
