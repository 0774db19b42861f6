import { describe, expect, it } from 'vitest';
import { textTable } from '../../src/cli/terminal/text-table.ts';

const rows = [
  ['topic', 'description', 'permissions'],
  ['v2.users.{id}.presence', 'The presence of a user changed.', 'presence:view, users:view'],
  ['v2.a', 'ok', '-'],
];

describe('textTable', () => {
  it.each([
    [
      Infinity,
      `topic                    description                       permissions
v2.users.{id}.presence   The presence of a user changed.   presence:view, users:view
v2.a                     ok                                -`,
    ],
    [
      66,
      `topic                    description           permissions
v2.users.{id}.presence   The presence of a     presence:view,
                         user changed.         users:view
v2.a                     ok                    -`,
    ],
    [
      40,
      `topic          description   permissions
v2.users.      The           presence:
{id}.          presence of   view,
presence       a user        users:view
               changed.
v2.a           ok            -`,
    ],
  ])('fits %i columns', (width, table) => {
    expect(textTable(rows, width)).toBe(table);
  });

  it('breaks within a word where there is no other way', () => {
    expect(textTable([['abcdefghij', 'x']], 7)).toBe(`abc   x
def
ghi
j`);
  });
});
