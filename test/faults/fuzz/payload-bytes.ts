import fc, { type Arbitrary } from 'fast-check';
import { jsonText, type JsonTextOptions } from '../../../marble-tests/json-text.ts';
import { mutated } from './mutated.ts';

/** Deeper than any stack. */
const DEEP = 100_000;

const utf8 = (text: string) => new TextEncoder().encode(text);

/** A text nested deeper than the stack, around an innermost value. */
function nested(open: string, innermost: string, close: string, depth = DEEP): string {
  return `${open.repeat(depth)}${innermost}${close.repeat(depth)}`;
}

/** Payloads that no generator would come across. `member` begins a JSON object of some type, without its closing brace. */
function extremes(member: string): readonly Uint8Array[] {
  return [
    '',
    '\ufeff',
    '\ufeff\ufeff{}',
    'null',
    nested('[', '', ']'),
    '['.repeat(DEEP),
    '{"a":'.repeat(DEEP),
    `{"a":${nested('[', '', ']')},${member.slice(1)}}`,
    `${member},"child":${nested('{"child":', '{}', '}')}}`,
    `${member},"child":${nested('{"child":', '{}', '}', 500)}}`,
    `${member},"amount":${'9'.repeat(100_000)}}`,
    `${member},"amount":-${'9'.repeat(400)}.${'9'.repeat(400)}e-${'9'.repeat(400)}}`,
    `${member},"text":"${'\\u0000'.repeat(10_000)}"}`,
    `${member},"tags":[${Array<string>(30_000).fill('0').join()}]}`,
    `${member}${',"type":"none"'.repeat(5_000)},${member.slice(1)}}`,
    `{"__proto__":${member},"amount":1}}`,
  ].map(utf8);
}

/** **Payloads of every kind**: JSON texts, whole and damaged, bytes that are no text, and a few extremes. */
export function payloadBytes(options: JsonTextOptions & { readonly extreme: string }): Arbitrary<Uint8Array> {
  const json = jsonText(options).map(utf8);
  return fc.oneof(
    { weight: 60, arbitrary: json },
    { weight: 60, arbitrary: mutated(json) },
    { weight: 10, arbitrary: fc.uint8Array({ maxLength: 60 }) },
    { weight: 2, arbitrary: fc.constantFrom(...extremes(options.extreme)) },
  );
}
