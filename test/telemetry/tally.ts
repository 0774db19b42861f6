/** The lines of an audit log, each of which must be JSON and end in a newline. */
export function linesOf(log: string): object[] {
  const rows = log.split('\n');
  if (rows.pop() !== '') throw new Error('The last line has no newline.');
  return rows.map((row) => JSON.parse(row) as object);
}

/** How many records a log holds, and how many it says were lost. */
export function tally(log: string): { records: number; lost: number } {
  let records = 0;
  let lost = 0;
  for (const line of linesOf(log)) {
    if ('lost' in line) lost += line.lost as number;
    else records += 1;
  }
  return { records, lost };
}
