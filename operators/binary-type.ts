import { callable, knownOptions, optionError } from './options.ts';
import { checkedOptions, type PayloadType, type PayloadTypeOptions } from './payload-type.ts';

/** Options of {@link binaryType}: how to recognise it, and what all types may have. */
export interface BinaryTypeOptions extends PayloadTypeOptions<Uint8Array> {
  /** The byte that each payload of this type starts with, 0 to 255. */
  readonly firstByte?: number;
  /** Whether these bytes are of this type. */
  recognises?(this: void, bytes: Uint8Array): boolean;
}

/**
 * **A payload type that is binary**: recognised by its first byte, or by a function. `decodedData` is the payload as
 * received, not a copy. Only binary messages (opcode 2) can be of such a type.
 *
 * ```ts
 * const media = binaryType({ firstByte: 0x80 });
 * const wav = binaryType({ recognises: (bytes) => bytes.length > 44 && bytes[0] === 0x52 && bytes[1] === 0x49 });
 * ```
 *
 * @throws TypeError at the call, where not exactly one of `firstByte` and `recognises` is given
 * @throws RangeError at the call, where `firstByte` is no byte
 */
export function binaryType(options: BinaryTypeOptions): PayloadType<Uint8Array> {
  knownOptions('binaryType', options, ['firstByte', 'recognises', 'checksum', 'identity']);
  const { firstByte, recognises, ...rest } = checkedOptions('binaryType', options);
  if ((firstByte === undefined) === (recognises === undefined)) {
    throw new TypeError('binaryType: give either firstByte or recognises');
  }
  if (firstByte !== undefined && !(Number.isInteger(firstByte) && firstByte >= 0 && firstByte <= 255)) {
    throw optionError('binaryType: firstByte', 'an integer from 0 to 255', firstByte, typeof firstByte !== 'number');
  }
  const row = { ...rest, format: 'binary', validator: () => undefined } as const;
  return firstByte === undefined
    ? { ...row, recognises: callable('binaryType: recognises', recognises) as (bytes: Uint8Array) => boolean }
    : { ...row, firstByte, recognises: (bytes) => bytes[0] === firstByte };
}
