import { createContext, Script } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isExponential } from '../../../operators/exponential-pattern.ts';
import { fuzz } from './fuzz.ts';

/** More steps than a polynomial takes on these texts, and a small part of what an exponential takes, in milliseconds. */
const ENDLESS = 2_000;

const TEXTS = ['a'.repeat(40), `${'a'.repeat(40)}!`, `${'ab'.repeat(20)}!`, `${'b'.repeat(40)}a`];

/** Patterns of the parts from which slow ones are made. */
const { pattern } = fc.letrec<{ pattern: string; branch: string; part: string; group: string }>((tie) => ({
  pattern: fc
    .tuple(fc.array(tie('branch'), { minLength: 1, maxLength: 2 }), fc.constantFrom(['', ''], ['', ''], ['^(', ')*$']))
    .map(([branches, [start, end]]) => `${start}${branches.join('|')}${end}`),
  branch: fc.array(tie('part'), { minLength: 1, maxLength: 3 }).map((parts) => parts.join('')),
  part: fc
    .tuple(
      fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        {
          weight: 3,
          arbitrary: fc.constantFrom(
            'a',
            'b',
            '.',
            String.raw`\w`,
            '[ab]',
            '[^b]',
            '[)(]',
            String.raw`\x61`,
            String.raw`\p{L}`,
          ),
        },
        { weight: 3, arbitrary: tie('group') },
        { weight: 1, arbitrary: fc.constantFrom(String.raw`\1`, String.raw`\k<n>`, '^', '$', String.raw`\b`) },
      ),
      fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{1,3}', '{2,}', '*?', '+?', '??'),
    )
    .map((parts) => parts.join('')),
  group: fc
    .tuple(fc.constantFrom('(', '(?:', '(?=', '(?!', '(?<=', '(?<n>'), tie('pattern'))
    .map(([open, inner]) => `${open}${inner})`),
}));

/** Each star is one more degree of the polynomial: with many of them that too would take for ever. */
function isOfLowDegree(text: string): boolean {
  return (text.match(/[*+]|,\}/g) ?? []).length <= 3 && (text.match(/\?(?![:=!<])|\{1,3\}/g) ?? []).length <= 6;
}

const context = createContext({ pattern: '', text: '' });
const match = new Script('new RegExp(pattern, "u").test(text)');

/** Matches in the platform's engine; fails where that takes as good as for ever. */
function matchInTime(source: string, text: string): void {
  Object.assign(context, { pattern: source, text });
  match.runInContext(context, { timeout: ENDLESS });
}

function isPattern(source: string): boolean {
  try {
    return new RegExp(source, 'u').source !== '';
  } catch {
    return false;
  }
}

describe('a pattern of a schema', () => {
  it('does not take exponential time where the definition lets it pass', async () => {
    let refused = 0;
    let passed = 0;
    await fuzz(pattern.filter(isOfLowDegree).filter(isPattern), (source) => {
      if (isExponential(source)) {
        refused += 1;
        return;
      }
      passed += 1;
      for (const text of TEXTS) matchInTime(source, text);
    });
    expect(Math.min(refused, passed), 'patterns of the rarer verdict').toBeGreaterThan(0);
  });

  it('would be found out by these texts', () => {
    expect(() => TEXTS.forEach((text) => matchInTime('^(a+)+$', text))).toThrow(/timed out/);
  });
});
