import { share, Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { detectGaps, type DetectGapsOptions, type SequenceNotice } from '../operators/detect-gaps.ts';
import type { RawFrame } from '../operators/frame.ts';
import { diagram } from './diagram.ts';
import { marbles, raw, record, rejectedFrame, stageContract } from './marbles.ts';

/** A frame that its sender numbered: `key:number`. */
const numbered = (text: string) => raw(text);
const partsOf = ({ rawData }: RawFrame) => new TextDecoder().decode(rawData).split(':') as [string, string];
const byNumber = (frame: RawFrame) => Number(partsOf(frame)[1]);
const byKey = (frame: RawFrame) => partsOf(frame)[0];

function noticesOf(texts: readonly string[], options: Partial<DetectGapsOptions<RawFrame>> = {}): SequenceNotice[] {
  const notices: SequenceNotice[] = [];
  marbles(({ cold, scheduler, at }) => {
    const frames = texts.map(numbered);
    const source = cold(
      `(${[...frames.keys()].join('')}|)`,
      Object.fromEntries(frames.entries()) as Record<string, RawFrame>,
    );
    const operator = detectGaps<RawFrame>({
      sequence: byNumber,
      notices: { next: (notice) => void notices.push(notice) },
      ...options,
    });
    const seen = record(source.pipe(operator), scheduler);
    at(1, () => {
      expect(seen.log).toHaveLength(frames.length + 1);
      frames.forEach((frame, index) => expect(seen.log[index]?.next, 'the frame itself').toBe(frame));
    });
  })();
  return notices;
}

const gap = (key: string, expected: number, received: number): SequenceNotice => ({
  type: 'gap',
  key,
  expected,
  received,
  missing: received - expected,
});
const reordered = (key: string, expected: number, received: number): SequenceNotice => ({
  type: 'reordered',
  key,
  expected,
  received,
});

const noticeInWords = (notice: SequenceNotice) =>
  notice.type === 'gap' ? `gap: ${notice.missing} missing` : `reordered: ${notice.expected} was expected`;

describe('detectGaps', () => {
  it(
    'lets the frames go on, and says what is wrong with their numbers when it shows',
    diagram(
      'detect-gaps',
      {
        call: 'detectGaps({ sequence, notices })',
        labels: ['in', 'out', 'notices'],
        describe: (of: RawFrame | SequenceNotice) => ('type' in of ? noticeInWords(of) : undefined),
      },
      ({ cold, expectObservable }) => {
        const values = Object.fromEntries(['1', '2', '4', '5', '6'].map((number) => [number, numbered(`:${number}`)]));
        const notices = new Subject<SequenceNotice>();
        const sequence = byNumber;
        const result = cold('--1--2--5--4--6--|', values).pipe(detectGaps({ sequence, notices }));
        expectObservable(result).toBe('--1--2--5--4--6--|', values);
        expectObservable(notices).toBe('--------g--r------', { g: gap('', 3, 5), r: reordered('', 6, 4) });
      },
    ),
  );

  it.each<[string, readonly string[], readonly SequenceNotice[]]>([
    ['nothing of numbers without a hole', [':1', ':2', ':3'], []],
    ['nothing of the first number, whatever it is', [':17', ':18'], []],
    ['a gap and a late number', [':1', ':2', ':5', ':4', ':6'], [gap('', 3, 5), reordered('', 6, 4)]],
    ['a number that comes twice', [':1', ':1', ':2'], [reordered('', 2, 1)]],
    ['a sender that starts again, until it passes the highest', [':3', ':1', ':2', ':3', ':4', ':5'], [
      reordered('', 4, 1), reordered('', 4, 2), reordered('', 4, 3)]],
    ['numbers below zero and zero', [':-2', ':-1', ':0', ':2'], [gap('', 1, 2)]],
  ])('notices %s', (_name, texts, expected) => {
    expect(noticesOf(texts)).toStrictEqual(expected);
  }); // prettier-ignore

  it('follows all frames as one series by default, and each key on its own where it is given one', () => {
    const texts = ['a:1', 'b:1', 'a:2', 'b:3', 'a:3'];
    expect(noticesOf(texts)).toStrictEqual([reordered('', 2, 1), reordered('', 4, 3)]);
    expect(noticesOf(texts, { key: byKey })).toStrictEqual([gap('b', 2, 3)]);
  });

  it('forgets the series unheard of for longest, once there are more than maxKeys', () => {
    const texts = ['a:1', 'b:1', 'a:2', 'c:1', 'a:4', 'b:9', 'c:3'];
    // c makes b go, which was heard of before a; b then makes c go.
    expect(noticesOf(texts, { key: byKey, maxKeys: 2 })).toStrictEqual([gap('a', 3, 4)]);
    expect(noticesOf(texts, { key: byKey, maxKeys: 3 })).toStrictEqual([
      gap('a', 3, 4),
      gap('b', 2, 9),
      gap('c', 2, 3),
    ]);
  });

  it.each([':', ':NaN', ':1.5', ':Infinity', ':9007199254740993'])('takes %j for a frame without a number', (odd) => {
    const sequence = (frame: RawFrame) => (partsOf(frame)[1] === '' ? undefined : byNumber(frame));
    expect(noticesOf([':1', odd, ':2', odd, ':4'], { sequence })).toStrictEqual([gap('', 3, 4)]);
  });

  it('takes what is no number at all for none', () => {
    const sequence = (frame: RawFrame) => partsOf(frame)[1] as unknown as number;
    expect(noticesOf([':1', ':5'], { sequence })).toStrictEqual([]);
  });

  it(
    'sends the notice before the frame goes on, and asks frames rejected before for nothing',
    marbles(({ cold, at }) => {
      const order: string[] = [];
      const sequence = (frame: RawFrame) => {
        order.push('asked');
        return byNumber(frame);
      };
      cold('axc|', { a: numbered(':1'), x: rejectedFrame(), c: numbered(':3') })
        .pipe(detectGaps<RawFrame>({ sequence, notices: { next: ({ type }) => void order.push(type) } }))
        .subscribe(({ kind }) => order.push(kind));
      at(3, () => expect(order).toStrictEqual(['asked', 'raw', 'rejected', 'asked', 'gap', 'raw']));
    }),
  );

  it(
    'makes what its functions throw the error of the stream',
    marbles(({ cold, expectObservable }) => {
      const failure = new Error('no number');
      const broken = () => {
        throw failure;
      };
      const notices = { next: () => undefined };
      const source = cold('-a-|', { a: numbered(':1') });
      expectObservable(source.pipe(detectGaps({ sequence: broken, notices }))).toBe('-#', {}, failure);
      expectObservable(source.pipe(detectGaps({ sequence: () => 1, key: broken, notices }))).toBe('-#', {}, failure);
    }),
  );

  it(
    'follows the numbers for each subscription on its own, of a shared source too',
    marbles(({ cold, at }) => {
      const notices: SequenceNotice[] = [];
      const operator = detectGaps<RawFrame>({ sequence: byNumber, notices: { next: (n) => void notices.push(n) } });
      const source = cold('a-b-|', { a: numbered(':1'), b: numbered(':2') });
      const result = source.pipe(operator);
      result.subscribe();
      at(5, () => result.subscribe());
      at(10, () => expect(notices, 'a second subscription starts anew').toStrictEqual([]));

      const shared = cold('20ms a-b-c|', { a: numbered(':1'), b: numbered(':3'), c: numbered(':4') }).pipe(
        share(),
        operator,
      );
      shared.subscribe();
      at(21, () => shared.subscribe());
      at(30, () => expect(notices, 'who came after 1 takes 3 as it is').toStrictEqual([gap('', 2, 3)]));
    }),
  );

  it.each<[unknown, string]>([
    [{ notices: { next: String } }, 'TypeError: detectGaps: sequence must be a function, got undefined'],
    [{ sequence: String }, 'TypeError: detectGaps: notices must be an object with a method next(), got undefined'],
    [
      { sequence: String, notices: {} },
      'TypeError: detectGaps: notices must be an object with a method next(), got an object',
    ],
    [
      { sequence: String, notices: { next: String }, key: 'id' },
      'TypeError: detectGaps: key must be a function, got "id"',
    ],
    [
      { sequence: String, notices: { next: String }, maxKeys: 0 },
      'RangeError: detectGaps: maxKeys must be a positive integer, got 0',
    ],
    [
      { sequence: String, notices: { next: String }, keys: 1 },
      'TypeError: detectGaps: there is no option "keys"; there are sequence, notices, key, maxKeys',
    ],
  ])('refuses %o', (options, message) => {
    expect(() => detectGaps(options as DetectGapsOptions<RawFrame>)).toThrow(
      expect.toSatisfy((error) => String(error) === message),
    );
  });
});

stageContract(
  'detectGaps',
  () => detectGaps<RawFrame>({ sequence: ({ sequence }) => sequence, notices: { next: () => undefined } }),
  () => [raw('a'), raw('b', { sequence: 1 }), raw('c', { sequence: 5 })],
);
