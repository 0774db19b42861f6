import { of } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { decode } from '../../../operators/decode.ts';
import { isRejected, RawFrame, type RejectedFrame } from '../../../operators/frame.ts';
import { jsonType, type JsonTypeOptions } from '../../../operators/json-type.ts';
import { definePayloadTypes, type PayloadTypes } from '../../../operators/payload-types.ts';
import { validate, type ValidateOptions } from '../../../operators/validate.ts';

const KiB = 1024;
const MiB = 1024 * KiB;

/** A type whose text has to be as this schema says. */
const ofText = (schema: object, options: JsonTypeOptions<unknown> = {}): PayloadTypes =>
  definePayloadTypes({
    note: jsonType({ type: 'object', properties: { text: { type: 'string', ...schema } } }, options),
  });

/** Sends one text through, and gives how long that took, in milliseconds, and its outcome. */
function judge(types: PayloadTypes, text: string, options: ValidateOptions = {}) {
  const rawData = Buffer.from(JSON.stringify({ type: 'note', text }));
  const frame = new RawFrame({ rawData, isBinary: false, connectionId: 'c', sequence: 0, timestamp: 0, receivedAt: 0 });
  const outcomes: { readonly kind: string }[] = [];
  const before = performance.now();
  of(frame)
    .pipe(decode(types), validate(options))
    .subscribe((outcome) => outcomes.push(outcome));
  const took = performance.now() - before;
  expect(outcomes).toHaveLength(1);
  return { took, outcome: outcomes[0]! };
}

const issuesOf = (outcome: unknown) => (outcome as RejectedFrame).issues.map(({ message }) => message);

/** Quadratic: each run of spaces is tried from each of its places. */
const QUADRATIC = String.raw`\s+$`;
const spaces = (length: number) => `${' '.repeat(length)}x`;

describe('a pattern, which the engine of JavaScript matches by backtracking', () => {
  it.for([
    '^(a+)+$',
    '^([a-zA-Z0-9])(([-.]|[_]+)?([a-zA-Z0-9]+))*$',
    String.raw`^(([^<>()[\]\\.,;:\s@"]+(\.[^<>()[\]\\.,;:\s@"]+)*)|(".+"))@x$`,
    String.raw`^(\w+\s?)*$`,
    '^((ab)*)*$',
    '(x+x+)+y',
    '^(?:(?=(a+))a)+$',
  ])('is refused at the definition, wherever it stands, where it could take exponential time: %s', (pattern) => {
    const places: object[] = [
      { pattern },
      { not: { pattern } },
      { anyOf: [{ pattern }] },
      { if: { pattern }, then: { minLength: 1 } },
      { $ref: '#/definitions/p' },
    ];
    for (const place of places) {
      const schema: object = { definitions: { p: { pattern } }, type: 'object', properties: { text: place } };
      expect(() => definePayloadTypes({ note: jsonType(schema) })).toThrow(/can take exponential time/);
    }
    for (const schema of [{ patternProperties: { [pattern]: { minLength: 1 } } }, { propertyNames: { pattern } }]) {
      expect(() => definePayloadTypes({ note: jsonType(schema) })).toThrow(/can take exponential time/);
    }
  });

  it('may take quadratic time: the bound is the length of the text, which sizeGate and maxLength keep', () => {
    const types = ofText({ pattern: QUADRATIC });
    judge(types, spaces(1_000));
    const [short, long] = [4 * KiB, 16 * KiB].map((length) => judge(types, spaces(length), { maxIssues: 1 }).took);
    const atTheGate = ((long! * (5 * MiB) ** 2) / (16 * KiB) ** 2 / 3_600_000).toFixed(1);
    console.log(
      `${QUADRATIC} on 4 KiB of spaces: ${short!.toFixed(0)} ms, on 16 KiB: ${long!.toFixed(0)} ms; on the 5 MiB that sizeGate lets through by default it would be ${atTheGate} hours`,
    );
    // Quadratic, not worse: 16 times as long, and twice that for noise.
    expect(long).toBeLessThan(32 * Math.max(short!, 20));
  });

  it('is not tried on a text that maxLength has found too long, where only the first issue is listed', () => {
    const types = ofText({ maxLength: 100, pattern: QUADRATIC });
    const { took, outcome } = judge(types, spaces(4 * MiB), { maxIssues: 1 });
    expect(issuesOf(outcome)).toEqual(['must NOT have more than 100 characters']);
    expect(took).toBeLessThan(1_000);
  });

  it('costs a bounded time where all issues are listed: of a payload above 8 KiB only the first is', () => {
    const types = ofText({ maxLength: 100, pattern: QUADRATIC });
    judge(types, 'x');
    const within = judge(types, spaces(8 * KiB - 100));
    expect(issuesOf(within.outcome)).toHaveLength(2);
    const above = [16 * KiB, 64 * KiB, 4 * MiB].map((length) => judge(types, spaces(length)));
    console.log(
      `maxLength before ${QUADRATIC}: ${within.took.toFixed(0)} ms for 8 KiB, ${above.map(({ took }) => took.toFixed(1)).join(', ')} ms for 16 KiB, 64 KiB, 4 MiB`,
    );
    for (const { outcome } of above) expect(issuesOf(outcome)).toEqual(['must NOT have more than 100 characters']);
    expect(above[1]!.took).toBeLessThan(1_000);
  });

  it('is not tried by that engine where the type brings a linear one', () => {
    // As RE2 would: no backtracking for this pattern.
    const linear = Object.assign(
      (pattern: string) => ({ test: (text: string) => pattern === QUADRATIC && text.trimEnd() !== text }),
      {
        code: 'linear',
      },
    );
    const types = ofText({ pattern: QUADRATIC }, { regExp: linear });
    const { took, outcome } = judge(types, spaces(4 * MiB));
    expect(isRejected(outcome)).toBe(true);
    expect(took).toBeLessThan(2_000);
    expect(judge(types, 'x ').outcome.kind).toBe('parsed');
  });
});

describe('a format', () => {
  const FORMATS = [
    ...['date', 'time', 'date-time', 'iso-time', 'iso-date-time', 'duration', 'uri', 'uri-reference', 'uri-template'],
    ...['url', 'email', 'hostname', 'ipv4', 'ipv6', 'regex', 'uuid', 'json-pointer', 'json-pointer-uri-fragment'],
    ...['relative-json-pointer', 'byte', 'int32', 'double', 'password', 'binary'],
  ];
  /** What each of them could be slow on: it begins well, goes on for ever, and ends badly. */
  const PIECES: readonly (readonly [begin: string, piece: string, end: string])[] = [
    ...[
      'a',
      'a.',
      'a-',
      '1',
      '1:',
      ' ',
      '/a',
      '~0',
      '%41',
      '{a}',
      '{a,',
      '(',
      '[',
      'a?',
      'a|',
      '::',
      '\n',
      '@',
      '-',
    ].map((piece) => ['', piece, '!'] as const),
    ['http://', 'a.', '!'],
    ['http://', 'a@', ''],
    ['http://', '1.', ' '],
    ['http://a', '/a', ' '],
    ['http://a?', '%', ' '],
    ['a@', 'a-', '.'],
    ['a@', 'a.', ''],
    ['"', 'a', '@a'],
    ['2020-01-01T00:00:00.', '0', 'X'],
    ['2020-01-01', ' ', 'T'],
    ['P', '1', ''],
    ['{', 'a,', ''],
    ['#', '/~0', '~'],
  ];

  it.for(['fast', 'full'] as const)('takes time in proportion to the text, with formats %s', (formats) => {
    let slowest = { took: 0, format: '', text: '' };
    for (const format of FORMATS) {
      const types = ofText({ format });
      judge(types, 'x', { formats });
      for (const [begin, piece, end] of PIECES) {
        const text = begin + piece.repeat((128 * KiB) / piece.length) + end;
        const { took } = judge(types, text, { formats });
        if (took > slowest.took) slowest = { took, format, text: `${begin}${piece}…${end}` };
      }
    }
    console.log(
      `formats ${formats}, 128 KiB: at most ${slowest.took.toFixed(0)} ms, ${slowest.format} on ${slowest.text}`,
    );
    // Quadratic would be ten times that.
    expect(slowest.took, `${slowest.format} on ${slowest.text}`).toBeLessThan(1_500);
  });
});
