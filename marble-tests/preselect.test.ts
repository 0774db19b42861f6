import fc from 'fast-check';
import { from, type Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { accepted } from '../operators/accepted.ts';
import { decode } from '../operators/decode.ts';
import type { RawFrame } from '../operators/frame.ts';
import { Meter } from '../operators/meter.ts';
import { metrics } from '../operators/metrics.ts';
import { ofType } from '../operators/of-type.ts';
import { binaryType } from '../operators/binary-type.ts';
import { jsonType } from '../operators/json-type.ts';
import { definePayloadTypes } from '../operators/payload-types.ts';
import { preselect } from '../operators/preselect.ts';
import { jsonText } from './json-text.ts';
import { diagram } from './diagram.ts';
import { marbles, raw, record, rejectedFrame, stageContract } from './marbles.ts';

const rows = {
  a: jsonType(true),
  'call.end': jsonType(true),
  'path/"x"': jsonType(true),
  日本: jsonType(true),
  '': jsonType(true),
  media: binaryType({ firstByte: 0x80 }),
  tone: binaryType({ firstByte: 0x7b }),
};
const types = definePayloadTypes(rows);
type Name = keyof typeof rows;

/** Which of these payloads `preselect` keeps: text messages, or binary where they are bytes. */
function kept(payloads: readonly (string | readonly number[])[], names: readonly Name[]): readonly unknown[] {
  const out: unknown[] = [];
  from(payloads.map((payload, sequence) => raw(payload, { sequence })))
    .pipe(preselect(types, names))
    .subscribe(({ sequence }) => out.push(payloads[sequence]));
  return out;
}

describe('preselect', () => {
  it(
    'keeps only the payload types named, the same objects, when they came',
    marbles(({ cold, scheduler, at }) => {
      const [a, b, c] = [raw('{"type":"a"}'), raw('{"type":"call.end"}'), raw('{"type":"日本"}')];
      const seen = record(cold('-a-b-c-b-|', { a, b, c }).pipe(preselect(types, ['call.end'])), scheduler);
      at(9, () => {
        expect(seen.log.map((entry) => entry.at)).toStrictEqual([3, 7, 9]);
        expect(seen.log[0]?.next).toBe(b);
      });
    }),
  );

  it(
    'leaves out what is not named when it came',
    diagram(
      'preselect',
      {
        call: "preselect(types, ['call.end'])",
        describe: ({ rawData }: RawFrame) => new TextDecoder().decode(rawData),
      },
      ({ cold, expectObservable }) => {
        const values = { a: raw('{"type":"a"}'), b: raw('{"type":"call.end"}'), c: raw('{"type":"c"}') };
        const result = cold('-a-b-c-b-|', values).pipe(preselect(types, ['call.end']));
        expectObservable(result).toBe('---b---b-|', values);
      },
    ),
  );

  it('keeps the names of several types, text and binary', () => {
    const payloads = ['{"type":"a"}', '{"type":"call.end"}', [0x80, 1], '{"type":"日本"}', [0x80]];
    expect(kept(payloads, ['a', 'media', '日本'])).toStrictEqual([payloads[0], [0x80, 1], payloads[3], [0x80]]);
  });

  it('knows the type by its place, not by its name standing somewhere', () => {
    const payloads = [
      '{"type":"b","x":{"type":"a"}}',
      '{"x":"a"}',
      '{"a":"type"}',
      '{"type":"b","x":"\\"type\\":\\"a\\""}',
    ];
    expect(kept(payloads, ['a'])).toStrictEqual([]);
  });

  it.each<[Name, string]>([
    ['a', '{"type":"\\u0061"}'],
    ['a', '{"\\u0074ype":"a"}'],
    ['a', '{"type" :\n "a"}'],
    ['a', '{"x":"a","y":{"type":"b"},"type":\t\r"a"}'],
    ['日本', '{"type":"\\u65e5本"}'],
    ['path/"x"', '{"type":"path/\\"x\\""}'],
    ['path/"x"', '{"type":"path\\/\\"x\\""}'],
    ['', '{"type":""}'],
  ])('knows the type %j in %s', (name, payload) => {
    expect(kept([payload], [name])).toStrictEqual([payload]);
  });

  it('knows escaped names among others that need no escapes', () => {
    const payload = '{"type":"path\\/\\"x\\""}';
    expect(kept([payload], ['a', 'path/"x"'])).toStrictEqual([payload]);
  });

  it('goes by the last of duplicate members', () => {
    const payloads = ['{"type":"a","type":"b"}', '{"type":"b","type":"a"}', '{"type":"a","type":1}'];
    expect(kept(payloads, ['a'])).toStrictEqual([payloads[1]]);
  });

  it('looks at a binary message that no binary type recognises as at JSON', () => {
    expect(kept([Array.from(Buffer.from(' {"type":"a"}')), [1, 2]], ['a'])).toHaveLength(1);
  });

  it('leaves a binary message to the binary type that recognises it, whatever JSON is in it', () => {
    const json = Array.from(Buffer.from('{"type":"a"}'));
    expect(kept([json], ['a'])).toStrictEqual([]);
    expect(kept([json], ['tone'])).toStrictEqual([json]);
  });

  it('does not take a text message for one of a binary type', () => {
    expect(kept(['{"type":"media"}', '{"type":"a"}', '["\\u0061"]'], ['media', 'tone'])).toStrictEqual([]);
  });

  it('keeps what is no JSON object and holds a name as the type, for decode to reject; takes other broken frames out', () => {
    const broken = ['["type":"a"]', '"type":"a"', '{"x":1,"x"[{"type" : "a"'];
    const unwanted = ['', '{', 'a', '["a"]', '"a"', '{"type" "a"}', '{"x":1,"a"', '\\'];
    expect(kept([...broken, ...unwanted], ['a'])).toStrictEqual(broken);
  });

  it(
    'keeps frames on which the recognition of a binary type throws, for decode to reject',
    marbles(({ cold, expectObservable }) => {
      const touchy = definePayloadTypes({
        a: jsonType(true),
        touchy: binaryType({
          recognises: () => {
            throw new Error('no');
          },
        }),
      });
      const frame = raw([1]);
      expectObservable(cold('-f-|', { f: frame }).pipe(preselect(touchy, ['a']))).toBe('-f-|', { f: frame });
    }),
  );

  it('finds the type at a path of members', () => {
    const nested = definePayloadTypes({ a: jsonType(true) }, { type: ['header', 'kind'] });
    const out: number[] = [];
    from(
      ['{"header":{"kind":"a"}}', '{"kind":"a"}', '{"header":{"kind":"b"},"x":"a"}'].map((text, sequence) =>
        raw(text, { sequence }),
      ),
    )
      .pipe(preselect(nested, ['a']))
      .subscribe(({ sequence }) => out.push(sequence));
    expect(out).toStrictEqual([0]);
  });

  it(
    'counts what it takes out in the meter, so that nothing is lost from the count',
    marbles(({ cold, scheduler, at }) => {
      const meter = new Meter({ clock: scheduler });
      cold('abxc|', { a: raw('{"type":"a"}'), b: raw('{"type":"b"}'), x: rejectedFrame(), c: raw('["type":"a"]') })
        .pipe(preselect(types, ['a'], { meter }), decode(types), metrics(meter))
        .subscribe();
      at(4, () => expect(meter.snapshot()).toMatchObject({ frames: 3, accepted: 1, rejected: 2, skipped: 1 }));
    }),
  );

  it('leaves decode just what decode and ofType would leave, for any bytes at all', () => {
    const names = ['a', 'call.end', 'path/"x"', '日本', '', 'media', 'tone'] as const;
    const texts = jsonText({
      members: ['type', 'type', 'type', 'x'],
      values: ['a', 'call.end', 'path/"x"', '日本', '', 'media', 'other'],
    }).map((text) => new TextEncoder().encode(text));
    const broken = fc.tuple(texts, fc.nat(), fc.nat(255)).map(([bytes, place, byte]) => {
      const copy = bytes.slice();
      copy[place % copy.length] = byte;
      return copy;
    });
    const payload = fc.oneof(
      { weight: 6, arbitrary: texts },
      { weight: 2, arbitrary: broken },
      { weight: 1, arbitrary: fc.uint8Array({ maxLength: 50 }) },
    );
    const accept = (source: Observable<RawFrame>, wanted: readonly Name[]) => {
      const out: (readonly unknown[])[] = [];
      source
        .pipe(decode(types), ofType(...(wanted as [Name, ...Name[]])))
        .subscribe((frame) => out.push([frame.frameId, frame.payloadType, frame.decodedData]));
      return out;
    };
    let found = 0;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(payload, fc.boolean()), { maxLength: 8 }),
        fc.subarray([...names], { minLength: 1 }),
        (payloads, wanted) => {
          const source = from(payloads.map(([bytes, isBinary], sequence) => raw(bytes, { isBinary, sequence })));
          const preselected: (readonly unknown[])[] = [];
          const meter = new Meter();
          source
            .pipe(preselect(types, wanted, { meter }), metrics(meter), decode(types), accepted())
            .subscribe((frame) => preselected.push([frame.frameId, frame.payloadType, frame.decodedData]));
          const all = accept(source, wanted);
          expect(preselected).toStrictEqual(all);
          expect(meter.snapshot().frames + meter.snapshot().skipped).toBe(payloads.length);
          found += all.length;
        },
      ),
      { numRuns: 300 },
    );
    expect(found, 'frames of a wanted type').toBeGreaterThan(20);
  });

  it.each<[unknown, unknown, unknown, string]>([
    [{}, ['a'], {}, 'TypeError: preselect: types must be made by definePayloadTypes(), got an object'],
    [types, [], {}, 'TypeError: preselect: name at least one payload type'],
    [
      definePayloadTypes({ a: jsonType(true), b: jsonType(true) }),
      ['a', 'c'],
      {},
      'RangeError: preselect: names must be payload types of the matrix (a, b), got "c"',
    ],
    [types, null, {}, 'TypeError: preselect: names must be an array of payload types, got null'],
    [types, 'a', {}, 'TypeError: preselect: names must be an array of payload types, got "a"'],
    [
      definePayloadTypes({ a: jsonType(true) }),
      ['a', ['a']],
      {},
      'TypeError: preselect: names must be payload types of the matrix (a), got an array',
    ],
    [types, ['a'], { meter: 0 }, 'TypeError: preselect: meter must be an object with a method skip(), got 0'],
    [types, ['a'], { meter: false }, 'TypeError: preselect: meter must be an object with a method skip(), got false'],
    [types, ['a'], { meter: '' }, 'TypeError: preselect: meter must be an object with a method skip(), got ""'],
    [types, ['a'], [], 'TypeError: preselect: options must be an object, got an array'],
    [types, ['a'], { meter: {} }, 'TypeError: preselect: meter must be an object with a method skip(), got an object'],
    [types, ['a'], { metre: 1 }, 'TypeError: preselect: there is no option "metre"; there are meter'],
    [
      definePayloadTypes({ a: jsonType(true) }, { type: () => 'a' }),
      ['a'],
      {},
      'TypeError: preselect: the matrix finds its types by a function, which needs the parsed payload',
    ],
  ])('refuses what makes no sense, case %#', (matrix, names, options, message) => {
    expect(() => preselect(matrix as typeof types, names as Name[], options as object)).toThrow(
      expect.toSatisfy((error) => String(error) === message),
    );
  });
});

stageContract(
  'preselect',
  () => preselect(types, ['a', 'media']),
  () => [raw('{"type":"a"}'), raw([0x80], { sequence: 1 })],
);
