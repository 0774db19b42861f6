import { errorName } from './error-name.ts';
import { printable } from './printable.ts';
import { Decoded, reject, type RawFrame } from './frame.ts';
import { madeByDefinePayloadTypes, type DecodedFrame, type PayloadTypes } from './payload-types.ts';
import type { PayloadType } from './payload-type.ts';
import { lift, type Stage } from './stage.ts';

/**
 * **Finds out what a frame is: its payload type, and the data in it.**
 *
 * A binary message that a binary type of the matrix recognises is of that type, and its bytes are its data. Every
 * other message, text or binary, has to be JSON in UTF-8 whose type member names a JSON type of the matrix. The type is
 * what a JSON parser sees: wherever the member stands, however it is spaced or escaped; of duplicate members the last.
 *
 *     in        --a--b--c--d--|
 *     out       --A--x--y--z--|     x: 'invalid-utf8'   y: 'malformed-json'   z: 'unknown-type'
 *
 * Edges: a byte order mark is ignored (RFC 8259 section 8.1). An empty message is `malformed-json`. An array, a scalar,
 * or a type that is no string is `unknown-type`. A number too large for a double is `Infinity`, an integer beyond 2⁵³
 * loses digits: `rawData` still has them. A member `__proto__` is a member like any other. A lone surrogate written as
 * an escape is let through, written as bytes it is `invalid-utf8` (RFC 3629 section 3).
 *
 * Text messages reach this stage unchecked where the socket leaves the check to it (ours does in Node); browsers close
 * the connection instead, and need not say why (Chromium shows 1006).
 *
 * @param types - the payload type matrix
 * @throws TypeError at the call, where `types` is not made by `definePayloadTypes`
 */
export function decode<Types extends PayloadTypes>(types: Types): Stage<RawFrame, DecodedFrame<Types>> {
  madeByDefinePayloadTypes('decode: types', types);
  // The default strips a byte order mark, which JSON.parse would not take.
  const utf8 = new TextDecoder('utf-8', { fatal: true });

  return lift((frame) => {
    const { rawData } = frame;
    if (frame.isBinary) {
      let name: string | undefined;
      try {
        name = types.binaryNameOf(rawData);
      } catch (error) {
        return reject(frame, 'decode', 'unknown-type', `a binary type's recognises threw ${errorName(error)}`);
      }
      if (name !== undefined) return decoded(frame, name, rawData, types.rows[name]);
    }

    let text: string;
    try {
      text = utf8.decode(rawData);
    } catch {
      return reject(frame, 'decode', 'invalid-utf8', `the payload is not valid UTF-8${unrecognised(frame)}`);
    }

    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      return reject(
        frame,
        'decode',
        'malformed-json',
        text === '' ? 'the payload is empty' : `not valid JSON${place(error)}${unrecognised(frame)}`,
      );
    }

    let name: string | undefined;
    try {
      name = types.nameOf(value);
    } catch (error) {
      return reject(frame, 'decode', 'unknown-type', `the type function threw ${errorName(error)}`);
    }
    if (name !== undefined) {
      const type = types.jsonType(name);
      if (type !== undefined) return decoded(frame, name, value, type);
    }
    if (types.unknown === 'pass') return decoded(frame, 'unknown', value, undefined);
    return reject(frame, 'decode', 'unknown-type', printable(name === undefined ? missing(types) : unnamed(name)));
  });

  function decoded(frame: RawFrame, name: string, data: unknown, type: PayloadType<unknown> | undefined) {
    return new Decoded(frame, name, data, type) as unknown as DecodedFrame<Types>;
  }
}

/** Why a binary message was read as JSON at all. */
function unrecognised({ isBinary }: RawFrame): string {
  return isBinary ? ', and no binary type of the matrix recognises it' : '';
}

/** The position only, at the message's end: the rest of the platform's message may quote the payload. */
function place(error: unknown): string {
  const position = /JSON at position (\d+)(?: \(line \d+ column \d+\))?$/.exec(String(error))?.[1];
  return position === undefined ? '' : ` at character ${position}`;
}

function unnamed(name: string): string {
  return `no payload type is named ${JSON.stringify(name.slice(0, 200))}`;
}

function missing(types: PayloadTypes): string {
  if (types.typePath === undefined) return 'the payload names no type';
  return `there is no string at ${types.typePath.map((name) => `/${name}`).join('')}, where the type should be`;
}
