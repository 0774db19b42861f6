import type { FrameRow } from '../protocol.ts';

/** The columns that a word of a filter may ask for. */
const COLUMNS: Readonly<Record<string, (row: FrameRow) => string>> = {
  type: ({ payloadType }) => payloadType ?? '',
  outcome: ({ outcome }) => outcome,
  reason: ({ reason }) => reason ?? '',
  stage: ({ stage }) => stage ?? '',
  id: ({ frameId }) => frameId,
};

/** A word, or one in quotes, with a column and a minus before it where there are. */
const WORD = /(-)?(?:(type|outcome|reason|stage|id):)?(?:"([^"]*)"|(\S+))/gi;

/**
 * **Reads a filter**: words that all have to be in a row, in any of its columns or, as in `type:keepalive`, in that one;
 * those with `-` before them may not. Upper and lower case are the same.
 */
export function frameFilter(text: string): (row: FrameRow) => boolean {
  const tests = [...text.matchAll(WORD)].map(([, minus, column, quoted, plain]) => {
    const word = (quoted ?? plain ?? '').toLowerCase();
    const of = column === undefined ? undefined : COLUMNS[column.toLowerCase()];
    const columns = of === undefined ? Object.values(COLUMNS) : [of];
    return (row: FrameRow) => columns.some((cell) => cell(row).toLowerCase().includes(word)) !== (minus === '-');
  });
  return (row) => tests.every((test) => test(row));
}
