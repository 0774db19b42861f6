import type { FrameRow } from '../protocol.ts';

/** The columns that a word of a filter may ask for. */
const COLUMNS: Readonly<Record<string, (row: FrameRow) => string>> = {
  type: ({ payloadType }) => payloadType ?? '',
  outcome: ({ outcome }) => outcome,
  reason: ({ reason }) => reason ?? '',
  stage: ({ stage }) => stage ?? '',
  id: ({ frameId }) => frameId,
};

/** What a column is asked for by. */
export const FILTER_KEYS = Object.keys(COLUMNS);

/** A filter that was read. */
export interface FrameFilter {
  readonly matches: (row: FrameRow) => boolean;
  /** What stands before a colon, and is the name of no column: the word is looked for as it is. */
  readonly unknownKey: string | undefined;
}

/** A word, or one in quotes, with a column and a minus before it where there are. */
const WORD = new RegExp(`(-)?(?:(${FILTER_KEYS.join('|')}):)?(?:"([^"]*)"|(\\S+))`, 'gi');

/**
 * **Reads a filter**: words that all have to be in a row, in any of its columns or, as in `type:keepalive`, in that one;
 * those with `-` before them may not. Upper and lower case are the same.
 */
export function frameFilter(text: string): FrameFilter {
  const words = [...text.matchAll(WORD)];
  const tests = words.map(([, minus, column, quoted, plain]) => {
    const word = (quoted ?? plain ?? '').toLowerCase();
    const of = column === undefined ? undefined : COLUMNS[column.toLowerCase()];
    const columns = of === undefined ? Object.values(COLUMNS) : [of];
    return (row: FrameRow) => columns.some((cell) => cell(row).toLowerCase().includes(word)) !== (minus === '-');
  });
  const unknownKeys = words.map(([, , column, , plain]) =>
    column === undefined ? /^([a-z]+):/i.exec(plain ?? '')?.[1] : undefined,
  );
  return { matches: (row) => tests.every((test) => test(row)), unknownKey: unknownKeys.find(Boolean) };
}
