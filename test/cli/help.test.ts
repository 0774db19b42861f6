import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import { didYouMean } from '../../src/cli/arguments/did-you-mean.ts';

describe.each(Object.entries(COMMANDS))('the help of %s', (name, { help, flags }) => {
  it('has usage, examples, flags and exit codes, and ends in a newline', () => {
    expect(help).toMatch(new RegExp(`^rxframe ${name}: .+\n\nUsage\n  rxframe ${name} `));
    const [, examples = ''] = /\nExamples\n([^]*?)\n\n/.exec(help)!;
    expect(examples.split('\n').filter((line) => line.includes(`rxframe ${name}`)).length).toBeGreaterThanOrEqual(3);
    expect(help).toMatch(/\n {2}-h, --help +this text\n/);
    expect(help).toMatch(/\nExit codes\n {2}0 {2}[^]*\n {2}2 {2}usage/);
    expect(help).toMatch(/[^\n]\n$/);
  });

  it('fits 120 columns', () => {
    expect(help.split('\n').filter((line) => line.length > 120)).toEqual([]);
  });

  it('names each flag, and no other', () => {
    const named = [...help.matchAll(/^ {2}(?:-h, )?--([\w-]+)(?: [A-Z]\S*)?(?: {2}.*)?$/gm)].map(([, flag]) => flag);
    const common = ['help', 'no-color'];
    expect(named.filter((flag) => !common.includes(flag!)).sort()).toEqual(Object.keys(flags).sort());
  });
});

describe('didYouMean', () => {
  const known = ['json', 'data', 'filter', 'max-frames', 'duration'];

  it.each([
    ['jsn', 'json'],
    ['jsno', 'json'],
    ['fliter', 'filter'],
    ['filters', 'filter'],
    ['max_frames', 'max-frames'],
    ['durations', 'duration'],
  ])('hints at what %s was to be: %s', (word, meant) => {
    expect(didYouMean(word, known, '--')).toBe(` (did you mean --${meant}?)`);
  });

  it.each(['rate', 'x', '', 'json-lines', 'topic'])('has no hint at %j', (word) => {
    expect(didYouMean(word, known)).toBe('');
  });
});
