import type { Flow, RejectedFrame } from 'rxframe';
import { eventIdentity } from 'rxframe/genesys';
import { processWith, type Parsed } from 'rxframe/operators';
import { defer, map, retry, type OperatorFunction } from 'rxjs';
import { batchWriter } from './batch-writer.ts';

/** What writes: PGlite, or a client or a pool of `pg`. */
export interface Sql {
  query(text: string, parameters?: unknown[]): Promise<unknown>;
}

/** `json` and not `jsonb`: it takes every JSON text, `"\u0000"` too. */
export const TABLE = `
  CREATE TABLE IF NOT EXISTS event (
    id text PRIMARY KEY,
    received_at timestamptz NOT NULL,
    message json NOT NULL
  )`;

const INSERT = `
  INSERT INTO event (id, received_at, message)
  SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::json[])
  ON CONFLICT (id) DO NOTHING`;

/**
 * Writes each notification, and passes it on once it is in the database. With 1,000 on their way the socket is paused; a write
 * that fails is tried again, five times.
 *
 * An event has the same id whenever and to whomever it comes: again after a restart, or to a second instance, it is the same row.
 */
export function storeEvents<Frame extends Parsed<string, unknown>>(
  sql: Sql,
  flow: Flow,
  retryDelay = 1_000,
): OperatorFunction<Frame, Frame | RejectedFrame> {
  const utf8 = new TextDecoder();
  const write = batchWriter((frames: readonly Frame[]) =>
    sql.query(INSERT, [
      frames.map((frame) => eventIdentity(frame) ?? frame.frameId),
      frames.map(({ timestamp }) => new Date(timestamp).toISOString()),
      frames.map(({ rawData }) => utf8.decode(rawData)),
    ]),
  );
  return processWith(
    (frame: Frame) =>
      defer(() => write(frame)).pipe(
        retry({ count: 5, delay: retryDelay }),
        map(() => frame),
      ),
    { flow, concurrency: 1_000, highWaterMark: 1_000 },
  );
}
