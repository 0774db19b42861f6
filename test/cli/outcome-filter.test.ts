import { describe, expect, it } from 'vitest';
import { Parsed, RawFrame, reject, type AnyFrame } from '../../operators/frame.ts';
import { memberPaths } from '../../src/cli/stream/member-path.ts';
import { outcomeFilter } from '../../src/cli/stream/outcome-filter.ts';
import { outcomeLine, selectedLine } from '../../src/cli/stream/outcome-line.ts';
import { OUTCOME_MEMBERS } from '../../src/cli/stream/outcome-members.ts';
import { streamWishes } from '../../src/cli/arguments/stream-flags.ts';

const data = JSON.parse(
  '{"id":"one","count":10,"zip":"10","open":true,"queue":null,"text":"12 apples, \\"red\\"","list":[{"name":"Ada"},7],"a.b c":{"x=1":"odd"},"__proto__":{"evil":1}}',
) as Record<string, unknown>;

const raw = new RawFrame({
  rawData: new TextEncoder().encode(JSON.stringify(data)),
  isBinary: false,
  connectionId: 'c',
  sequence: 3,
  timestamp: Date.UTC(2026, 0, 31, 12),
  receivedAt: 100,
});
const accepted = new Parsed(raw, 'interaction.update', data, undefined, true);
const rejected = reject(accepted, 'validate', 'schema', 'must be whole');
const undecoded = reject(raw, 'decode', 'malformed-json', 'no JSON');

const holds = (expression: string, outcome: AnyFrame = accepted) => outcomeFilter(expression)(outcome, 101.5);

describe('outcomeFilter', () => {
  it.each([
    'payloadType=interaction.update',
    ' payloadType == interaction.update ',
    'payloadType="interaction.update"',
    'payloadType~action.up',
    'payloadType!=telephony.media',
    'outcome=accepted',
    'checksum=pass',
    'sequence=3',
    'latencyMs=1.5',
    'byteLength>=100',
    'byteLength<1e3',
    'timestamp>2026-01-31T11:59',
    'timestamp<2026-02',
    'data.id=one',
    'data.id<=one',
    'data.id>=one',
    'data.count=10',
    'data.count=10.0',
    'data.count>9',
    'data.count!="10"',
    'data.zip=10',
    'data.zip="10"',
    'data.zip!=10.0',
    // As text, by the characters.
    'data.zip<9',
    'data.open=true',
    'data.open!=yes',
    'data.queue=null',
    'data.text~"12 apples, \\"red\\""',
    'data.text~apples',
    'data.list.0.name=Ada',
    'data.list.1=7',
    'data.list~"name"',
    'data~Ada',
    'data."a.b c"."x=1"=odd',
  ])('lets through what has %s', (expression) => {
    expect(holds(expression)).toBe(true);
  });

  it.each([
    'payloadType=interaction',
    'payloadType=Interaction.update',
    'payloadType=',
    'data.count>nine',
    'data.count<nine',
    'data.count="10"',
    'data.count=',
    'data.zip="10.0"',
    'data.open="true"',
    'data.open>0',
    'data.queue="null"',
    'data.queue<1',
    'data.queue~null',
    'data.list=7',
    'data.list<9',
    'data.id.0=o',
    'data.id<one',
    'data.id>one',
  ])('keeps back what has not %s', (expression) => {
    expect(holds(expression)).toBe(false);
  });

  it('takes a missing member for null, by own properties only', () => {
    for (const path of [
      'reason',
      'data.nope',
      'data.nope.deeper',
      'data.list.2',
      'data.list.length',
      'data.list.00',
      'data.toString',
      'data.id.length',
      'data.list.map',
    ]) {
      expect([path, holds(`${path}=null`)]).toEqual([path, true]);
      expect([path, holds(`${path}!=x`)]).toEqual([path, true]);
      expect([path, holds(`${path}~`), holds(`${path}<=z`), holds(`${path}>=0`)]).toEqual([path, true, false, false]);
    }
    // As JSON.parse makes it: a property as any other.
    expect(holds('data.__proto__.evil=1')).toBe(true);
    expect(holds('data.list.__proto__=null')).toBe(true);
  });

  it('looks into rejected frames too, whatever is known of them', () => {
    expect(holds('reason=schema', rejected)).toBe(true);
    expect(holds('issues.0.message~whole', rejected)).toBe(true);
    expect(holds('data.count=10', rejected)).toBe(true);
    expect(holds('payloadType=null', undecoded)).toBe(true);
    expect(holds('data.count=null', undecoded)).toBe(true);
    // In base64, as it is written.
    expect(holds(`data~${Buffer.from('{"id"').toString('base64').slice(0, 6)}`, undecoded)).toBe(true);
  });

  it('does not fail on what is nested too deep to be written', () => {
    const deep = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000)) as unknown;
    expect(holds('data~[[', new Parsed(raw, 'deep', deep, undefined))).toBe(false);
  });

  it.each([
    ['payloadType', '--filter must be MEMBER and VALUE with one of = != < <= > >= ~ between'],
    ['=x', 'between, such as payloadType=interaction.update, got "=x"'],
    ['payload Type=x', 'got "payload Type=x"'],
    ['data..id=x', 'got "data..id=x"'],
    ['toString=x', '--filter: an outcome has no member "toString"; it has connectionId, sequence,'],
    ['__proto__.x=1', 'no member "__proto__"'],
    ['paylodType=x', 'no member "paylodType" (did you mean payloadType?)'],
    ['eventBody.id=x', 'what is in the payload begins with data.'],
    ['reason.code=x', '--filter: reason has no members; data and issues have'],
    ['byteLength>"2000"', 'byteLength must be compared with a number, without quotes or a unit, got "2000"'],
    ['sequence < 2KB', 'sequence must be compared with a number, without quotes or a unit, got "2KB"'],
    ['latencyMs!=null', 'latencyMs must be compared with a number, without quotes or a unit, got "null"'],
    ['outcome=reject', 'outcome is one of accepted, rejected, got "reject" (did you mean rejected?)'],
    ['checksum!="failed"', 'checksum is one of pass, fail, none, got "failed" (did you mean fail?)'],
    ['data.id="a"b"', '--filter: "a"b" is no text of JSON'],
  ])('refuses %j', (expression, message) => {
    expect(() => outcomeFilter(expression)).toThrow(message);
  });
});

describe('selectedLine', () => {
  const select = (members: string, outcome: AnyFrame = accepted) =>
    selectedLine(outcome, 101.5, memberPaths('--select', members));

  it('has the members that are asked for, in that order, null where one is missing', () => {
    expect(select('data.list.0.name, sequence,reason,data."a.b c"."x=1",data."a,b",data.list')).toBe(
      '{"data.list.0.name":"Ada","sequence":3,"reason":null,"data.\\"a.b c\\".\\"x=1\\"":"odd","data.\\"a,b\\"":null,"data.list":[{"name":"Ada"},7]}',
    );
    expect(select('data', undecoded)).toBe(`{"data":"${Buffer.from(raw.rawData).toString('base64')}"}`);
  });

  it('shows no control character, and null in place of what is nested too deep', () => {
    const deep = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000)) as unknown;
    const outcome = new Parsed(raw, 'type', { deep, red: '\u009b31m' }, undefined);
    expect(select('data.red', outcome)).toBe('{"data.red":"\\u009b31m"}');
    expect(select('payloadType,data.deep', outcome)).toBe('{"payloadType":"type","data.deep":null}');
  });

  it.each([
    ['', '--select: "" is no member'],
    ['frameId,', '--select: "" is no member'],
    ['frameId,data.', '--select: "data." is no member'],
    ['frameid', 'no member "frameid" (did you mean frameId?)'],
  ])('refuses %j', (members, message) => {
    expect(() => select(members)).toThrow(message);
  });
});

describe('streamWishes', () => {
  it.each([
    [{ filter: ['outcome=rejected'] }, '--filter goes with --json'],
    [{ select: 'frameId' }, '--select goes with --json'],
    [{ json: true, data: true, select: 'frameId' }, '--select says which members: name data there, leave out --data'],
    [{ json: true, filter: ['outcome=rejected', 'outcom=x'] }, 'no member "outcom" (did you mean outcome?)'],
    [{ json: true, select: 'eventBody' }, '--select: an outcome has no member "eventBody"'],
  ])('refuses %j', (flags, message) => {
    expect(() => streamWishes(flags)).toThrow(message);
  });
});

describe('outcomeLine', () => {
  it('has the members that can be filtered and selected', () => {
    const members = Object.keys(JSON.parse(outcomeLine(rejected, 101.5, true)) as object);
    expect(members).toEqual(Object.keys(OUTCOME_MEMBERS));
  });
});
