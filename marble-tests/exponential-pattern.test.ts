import { describe, expect, it } from 'vitest';
import { isExponential } from '../operators/exponential-pattern.ts';

describe('isExponential', () => {
  it.each([
    '(a+)+$',
    '^(a|a)*$',
    '^(a|aa)+$',
    String.raw`^(\w|\d)+$`,
    '^([a-z0-9]+(-[a-z0-9]+)*)+$',
    '(a?a)*',
    '(a{1,9}){9}',
    '^(a|a){30}$',
    '(?:x(?:y|z))+',
    '^(?=(a*)*b)',
    '(?<=(a*)*)b',
    '(?<!(?:a|b)+)c',
    String.raw`^(a)(\1)+$`,
    '(foo|bar)+',
    'x|(a*)*',
    '^(?:x|(a*)*)$',
  ])('refuses %s', (pattern) => {
    expect(isExponential(pattern)).toBe(true);
  });

  it.each([
    '',
    '^[a-z]+$',
    '.*foo.*',
    '^[^@]+@[^@]+$',
    String.raw`^\d{4}-\d{2}-\d{2}$`,
    '^(foo|bar)?$',
    '^(a*)?$',
    String.raw`^(\d{3},)*\d{1,3}$`,
    '^a*a*b$',
    String.raw`\p{L}+`,
    '^(?<year>[0-9]+)$',
    'a+|b+',
    '(?<=a+)b',
    '(?<!a)b+',
    String.raw`[(?<=]\(?<=`,
  ])('lets %s pass', (pattern) => {
    expect(isExponential(pattern)).toBe(false);
  });

  it('throws for what is no pattern', () => {
    expect(() => isExponential('(')).toThrow(SyntaxError);
  });
});
