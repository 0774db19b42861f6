/**
 * Writes rows in batches: those that come while a batch is on its way go with the next one. A lone row waits for nothing, a
 * slow database gets large batches. The promise of a row is kept when its batch is written, and fails with it.
 */
export function batchWriter<Row>(write: (rows: readonly Row[]) => Promise<unknown>): (row: Row) => Promise<unknown> {
  let open: { readonly rows: Row[]; readonly written: Promise<unknown> } | undefined;
  let before: Promise<unknown> = Promise.resolve();
  return (row) => {
    if (open === undefined) {
      const rows: Row[] = [];
      const written = before.then(() => {
        open = undefined;
        return write(rows);
      });
      before = written.catch(() => undefined);
      open = { rows, written };
    }
    open.rows.push(row);
    return open.written;
  };
}
