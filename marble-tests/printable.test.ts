import { describe, expect, it } from 'vitest';
import { printable, printableJson } from '../operators/printable.ts';

/** One of each kind: C0, DEL, C1, line separators, directional, zero-width, a byte order mark, a soft hyphen, a tag. */
const UNSAFE = [
  ...['\u0000', '\t', '\n', '\r', '\u001b', '\u007f', '\u0085', '\u009b', '\u2028', '\u2029'],
  ...['\u061c', '\u200e', '\u202e', '\u2066', '\u206a', '\u200b', '\u200d', '\u2060', '\ufeff', '\u00ad', '\u{e0041}'],
];

describe('printable', () => {
  it.for(UNSAFE)('replaces %j', (character) => {
    expect(printable(`a${character}b`)).toBe('a\ufffdb');
  });

  it('leaves text of all scripts alone, and cuts it at 200 characters', () => {
    const text = 'Zoë 佐藤 محمد שלום 📱';
    expect(printable(text)).toBe(text);
    expect(printable('x'.repeat(200))).toBe('x'.repeat(200));
    expect(printable('x'.repeat(201))).toBe(`${'x'.repeat(199)}…`);
  });
});

describe('printableJson', () => {
  it('escapes all of it, and stands for the same value', () => {
    const value = { [UNSAFE.join('')]: UNSAFE, text: 'Zoë 📱 \ud800' };
    const json = printableJson(JSON.stringify(value));
    expect(json).toMatch(/^[\P{C}]+$/u);
    expect(JSON.parse(json)).toEqual(value);
    expect(json).toContain('Zoë 📱');
  });
});
