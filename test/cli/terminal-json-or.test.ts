import { describe, expect, it } from 'vitest';
import { terminalJsonOr } from '../../src/cli/terminal/terminal-json-or.ts';

describe('terminalJsonOr', () => {
  it('writes the value, safe for a terminal', () => {
    expect(terminalJsonOr({ text: '\u001b[31m\u009b' }, expect.unreachable)).toBe('{"text":"\\u001b[31m\\u009b"}');
  });

  it('writes the other where the value is nested too deep', () => {
    const deep = JSON.parse('['.repeat(20_000) + ']'.repeat(20_000)) as object;
    expect(terminalJsonOr({ deep }, () => ({ deep: null }))).toBe('{"deep":null}');
  });

  it('hides no other error', () => {
    const cyclic: { self?: object } = {};
    cyclic.self = cyclic;
    expect(() => terminalJsonOr(cyclic, expect.unreachable)).toThrow(TypeError);
  });
});
