import { describe, expect, it } from 'vitest';
import { knownOptions, optionError } from '../operators/options.ts';

describe('optionError', () => {
  it.each<[unknown, string]>([
    ['text', '"text"'],
    ['"quoted"', String.raw`"\"quoted\""`],
    ['x'.repeat(60), `"${'x'.repeat(60)}"`],
    ['x'.repeat(61), `"${'x'.repeat(59)}…"`],
    [() => 'secret', 'a function'],
    [['secret'], 'an array'],
    [{ token: 'secret' }, 'an object'],
    [null, 'null'],
    [undefined, 'undefined'],
    [NaN, 'NaN'],
    [1n, '1'],
  ])('shows %o, short and without what it holds', (value, shown) => {
    expect(optionError('op: option', 'right', value).message).toBe(`op: option must be right, got ${shown}`);
  });

  it('is a RangeError, or a TypeError where the type is wrong', () => {
    expect(optionError('op: option', 'right', 0)).toBeInstanceOf(RangeError);
    expect(optionError('op: option', 'right', '0', true)).toBeInstanceOf(TypeError);
  });
});

describe('knownOptions', () => {
  it('takes an object with options that are known', () => {
    expect(() => knownOptions('op', { a: 1 }, ['a', 'b'])).not.toThrow();
  });

  it.each([[5], ['a'], [null], [undefined], [() => 'a'], [['a']]])('takes %o for no options', (options) => {
    expect(() => knownOptions('op', options as object, ['0', 'a'])).toThrow(/^op: options must be an object, got /);
  });
});
