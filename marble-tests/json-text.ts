import fc, { type Arbitrary } from 'fast-check';

/** JSON's white space (RFC 8259 section 2). */
const space = fc.string({ unit: fc.constantFrom(' ', '\n', '\r', '\t'), maxLength: 2 });

/** What a hasty scanner of bytes trips over, and what is short, escaped, or longer than a byte in UTF-8. */
const character = fc.constantFrom(...Array.from('"\\{}[]:,/ tyaé\u2028日📱\n\u0000\u001f\u007f'));

/** Text as a JSON string, each character written in one of the ways that JSON allows. */
function spelt(text: Arbitrary<string>): Arbitrary<string> {
  return text.chain((value) => {
    const characters = Array.from(value);
    const ways = fc.array(fc.nat(7), { minLength: characters.length, maxLength: characters.length });
    return ways.map((way) => `"${characters.map((one, index) => spelling(one, way[index] as number)).join('')}"`);
  });
}

function spelling(one: string, way: number): string {
  const units = Array.from({ length: one.length }, (_, at) => one.charCodeAt(at).toString(16).padStart(4, '0'));
  if (way === 0) return units.map((unit) => `\\u${unit}`).join('');
  if (way === 1) return units.map((unit) => `\\u${unit.toUpperCase()}`).join('');
  if (way === 2 && one === '/') return '\\/';
  return JSON.stringify(one).slice(1, -1);
}

/** What a test of JSON texts may choose. */
export interface JsonTextOptions {
  /** Strings that are often the name of a member. */
  readonly members: readonly string[];
  /** Strings that are often a value. */
  readonly values: readonly string[];
}

/**
 * **Any valid JSON text that is an object**, and now and then another value: with spaces, escapes, a byte order mark, duplicate
 * members, nesting, and strings full of what looks like JSON.
 */
export function jsonText({ members, values }: JsonTextOptions): Arbitrary<string> {
  const anyString = fc.string({ unit: character, maxLength: 8 });
  const surrogate = fc.constant('"\\ud800"');
  const number = fc.constantFrom('0', '-0', '-1.5e+3', '1E400', '12345678901234567890');
  const literal = fc.constantFrom('true', 'false', 'null');
  const member = fc.oneof(
    { weight: 6, arbitrary: spelt(fc.constantFrom(...members)) },
    { weight: 1, arbitrary: spelt(anyString) },
  );
  const string = fc.oneof(
    { weight: 4, arbitrary: spelt(fc.constantFrom(...values)) },
    { weight: 1, arbitrary: spelt(anyString) },
    {
      weight: 1,
      arbitrary: spelt(fc.constantFrom(...values.map((value) => JSON.stringify({ [members[0] ?? '']: value })))),
    },
    { weight: 1, arbitrary: surrogate },
  );
  const list = (open: string, items: readonly string[], close: string, pad: string) =>
    `${open}${items.length === 0 ? pad : items.join(',')}${close}`;
  const { object, value } = fc.letrec<{ object: string; array: string; value: string }>((tie) => ({
    object: fc
      .tuple(
        fc.array(
          fc
            .tuple(space, member, space, space, tie('value'), space)
            .map(([a, name, b, c, data, d]) => `${a}${name}${b}:${c}${data}${d}`),
          { maxLength: 5 },
        ),
        space,
      )
      .map(([entries, pad]) => list('{', entries, '}', pad)),
    array: fc
      .tuple(
        fc.array(
          fc.tuple(space, tie('value'), space).map((parts) => parts.join('')),
          { maxLength: 3 },
        ),
        space,
      )
      .map(([items, pad]) => list('[', items, ']', pad)),
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      { weight: 4, arbitrary: string },
      { weight: 1, arbitrary: number },
      { weight: 1, arbitrary: literal },
      { weight: 4, arbitrary: tie('object') },
      { weight: 1, arbitrary: tie('array') },
    ),
  }));
  const top = fc.oneof({ weight: 12, arbitrary: object }, { weight: 1, arbitrary: value });
  return fc.tuple(fc.constantFrom('', '', '', '\ufeff'), space, top, space).map((parts) => parts.join(''));
}
