import { TestScheduler, type RunHelpers } from 'rxjs/testing';
import { expect } from 'vitest';
import { drawMarbles, type Line, type Mark, type Meaning } from '../docs/.vitepress/draw-marbles.ts';
import { isRejected } from '../operators/frame.ts';
import type { MarbleHelpers } from '../src/testing/marble-runner.ts';
import { marbles } from './marbles.ts';

/** What a diagram says besides its marbles. */
interface DiagramOptions {
  /** The operator's call, as it stands in the test. */
  readonly call: string;
  /** The names of the Observables: of those that `cold` and `hot` made, then of those expected, each in their order. */
  readonly labels?: readonly string[];
  /** What to say of a value that the test gave or asserted, besides what is said of rejected frames, strings and errors. */
  readonly describe?: (value: never) => string | undefined;
}

type Values = Readonly<Record<string, unknown>>;

/** A marble string that the test gave or asserted. */
interface Given {
  readonly text: string;
  readonly values: Values;
  readonly error: unknown;
  readonly marks: readonly Mark[];
}

interface Source extends Given {
  readonly kind: 'cold' | 'hot';
  readonly subscriptions: ReturnType<RunHelpers['cold']>['subscriptions'];
}

/**
 * **A marble test that is the picture in the documentation, too.** What it gave to `cold` and `hot`, what it asserted by `toBe`, and when
 * each `cold` was subscribed to is drawn into `docs/operators/NAME.svg`. The test fails where that file shows anything else;
 * `npm run docs:diagrams` draws it anew.
 */
export function diagram(name: string, options: DiagramOptions, test: (helpers: MarbleHelpers) => void) {
  return async (): Promise<void> => {
    const svg = drawMarbles(pictureOf(options, test));
    await expect(svg).toMatchFileSnapshot(`../docs/operators/${name}.svg`);
  };
}

/** Runs the test, as any other, and listens in. */
function pictureOf({ call, labels = ['in', 'out'], describe }: DiagramOptions, test: (helpers: MarbleHelpers) => void) {
  const sources: Source[] = [];
  const asserted: Given[] = [];
  marbles((helpers) => {
    const make = (kind: Source['kind']) => (text: string, values?: Record<string, unknown>, error?: unknown) => {
      const source = helpers[kind](text, values, error);
      sources.push({ ...given(text, values, error), kind, subscriptions: source.subscriptions });
      return source;
    };
    test({
      ...helpers,
      cold: make('cold') as RunHelpers['cold'],
      hot: make('hot') as RunHelpers['hot'],
      expectObservable: (observable, subscription) => {
        const expectation = helpers.expectObservable(observable, subscription);
        const toBe: typeof expectation.toBe = (text, values, error) => {
          asserted.push(given(text, values as Values | undefined, error));
          expectation.toBe(text, values, error);
        };
        return { ...expectation, toBe };
      },
    });
  })();

  const all = [...sources, ...asserted];
  const nameOf = (one: Given) => labels[all.indexOf(one)] ?? 'out';
  const lastTime = Math.max(...asserted.flatMap(({ marks }) => marks.map(({ at }) => at)));
  const inputs = sources.flatMap((source) => linesOf(nameOf(source), source, lastTime));
  const outputs = asserted.map((one): Line => ({ label: nameOf(one), from: 0, marks: one.marks }));
  const isUnsubscribed = inputs.some(({ marks }) => marks.some(({ kind }) => kind === 'unsubscribed'));
  const meanings = [
    ...meaningsOf(all, describe),
    ...(isUnsubscribed ? [{ letters: ['!'], rejected: false, text: 'unsubscribed' }] : []),
  ];
  const said = (one: Given) => `${nameOf(one)}: ${one.text.trim()}`;
  const description = [
    ...sources.map(said),
    call,
    ...asserted.map(said),
    ...meanings.map(({ letters, text }) => `${letters.join(', ')}: ${text}`),
  ].join('; ');
  return { call, inputs, outputs, meanings, description };
}

/** Reads a marble string as RxJS does; while the test runs, when one character is a millisecond. */
function given(text: string, values: Values = {}, error: unknown): Given {
  const messages = TestScheduler.parseMarbles(text, undefined, undefined, false, true) as {
    readonly frame: number;
    readonly notification: { readonly kind: 'N' | 'E' | 'C'; readonly value?: string };
  }[];
  const marks = messages.map(({ frame, notification: { kind, value: letter = '' } }): Mark => {
    if (kind === 'N') return { at: frame, kind: 'next', letter, rejected: isRejectedFrame(values[letter]) };
    return { at: frame, kind: kind === 'E' ? 'error' : 'complete' };
  });
  return { text, values, error, marks };
}

/** What a subscriber saw of a source: of a cold one a line for each subscription. What is let go with the test itself, goes on. */
function linesOf(label: string, { kind, marks, subscriptions }: Source, lastTime: number): Line[] {
  if (kind === 'hot') return [{ label, from: 0, marks }];
  return subscriptions.map(({ subscribedFrame: from, unsubscribedFrame: until }) => {
    const seen = marks.map((mark) => ({ ...mark, at: from + mark.at })).filter(({ at }) => at <= until);
    const ends = until > lastTime || seen.some((mark) => mark.kind !== 'next');
    return { label, from, marks: ends ? seen : [...seen, { at: until, kind: 'unsubscribed' as const }] };
  });
}

/** What the letters stand for, where that is more than the letter: and is the same throughout. */
function meaningsOf(all: readonly Given[], describe: DiagramOptions['describe']): Meaning[] {
  const texts = new Map<string, string | undefined>();
  const rejected = new Set<string>();
  for (const { marks, values, error } of all) {
    for (const { kind, letter = '#' } of marks) {
      if (kind === 'complete') continue;
      const value = kind === 'error' ? error : values[letter];
      const text = inWords(value) ?? (value === undefined ? undefined : describe?.(value as never));
      if (texts.has(letter) && texts.get(letter) !== text) throw new Error(`diagram: ${letter} means two things`);
      texts.set(letter, text);
      if (isRejectedFrame(value)) rejected.add(letter);
    }
  }
  return [...new Set(texts.values())].flatMap((text) => {
    if (text === undefined) return [];
    const letters = [...texts.keys()].filter((letter) => texts.get(letter) === text);
    return [{ letters, rejected: letters.some((letter) => rejected.has(letter)), text }];
  });
}

/** A rejected frame by stage and reason; an error by its code; a string as it is. */
function inWords(value: unknown): string | undefined {
  const sample = sampleOf(value);
  if (isRejectedFrame(value)) {
    const { stage, reason } = sample as { stage: string; reason: string };
    return `rejected by ${stage}: ${reason}`;
  }
  const { code } = (sample ?? {}) as { code?: unknown };
  if (typeof code === 'string') return code;
  return typeof sample === 'string' ? sample : undefined;
}

function isRejectedFrame(value: unknown): boolean {
  return isRejected(value) || (sampleOf(value) as { kind?: unknown } | undefined)?.kind === 'rejected';
}

/** What an asymmetric matcher, such as `rejectedWith` gives, looks for; any other value as it is. */
function sampleOf(value: unknown): unknown {
  const isMatcher = typeof value === 'object' && value !== null && 'asymmetricMatch' in value && 'sample' in value;
  return isMatcher ? value.sample : value;
}
