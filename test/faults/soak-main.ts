import { readdirSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { tap } from 'rxjs';
import { accepted } from '../../operators/accepted.ts';
import { audit } from '../../operators/audit.ts';
import type { ConnectionState } from '../../operators/connection-state.ts';
import { dedupe } from '../../operators/dedupe.ts';
import { isRejected } from '../../operators/frame.ts';
import { Meter } from '../../operators/meter.ts';
import { metrics } from '../../operators/metrics.ts';
import { reconnect } from '../../operators/reconnect.ts';
import { connect } from '../../src/connection/connect.ts';
import { pinoAuditSink } from '../../src/telemetry/pino-audit-sink.ts';
import { examine } from './examine.ts';
import { memory, type Memory } from './memory.ts';
import { ownAddress, reach } from './reach.ts';
import { EMPTY, extend, type Trail } from './trail.ts';

/** What the process holds in the middle of it all. */
export interface SoakSample extends Memory {
  /** Open file descriptors. */
  readonly files: number;
}

/** What the process has counted when the stream has completed, each at another place. */
export interface SoakTotals {
  /** By the meter. */
  readonly frames: number;
  readonly accepted: number;
  readonly rejected: number;
  /** Behind `accepted`. */
  readonly parsed: number;
  /** Records that the audit log does not have. */
  readonly unaudited: number;
  /** What keeps the process running: timers, sockets, but for the pipes to the parent. */
  readonly left: readonly string[];
  readonly seconds: number;
}

/** What the process tells. */
export type SoakMessage =
  | { readonly kind: 'sample'; readonly sample: SoakSample }
  /** A connection that had been open is closed: what it brought. */
  | { readonly kind: 'connection'; readonly trail: Trail }
  | { readonly kind: 'totals'; readonly totals: SoakTotals };

const FRAMES = Number(process.env['SOAK_FRAMES']);
/** Frames from sample to sample. */
const STEP = Math.floor(FRAMES / 50);
/** Milliseconds between two lines of progress, at least. */
const PROGRESS = 5_000;

const tell = (message: SoakMessage) => process.send?.(message);
const meter = new Meter();
const sink = pinoAuditSink({ destination: '/dev/null' });
const startedAt = performance.now();
let saidAt = startedAt;
let trail: Trail | undefined;
let outcomes = 0;
let parsed = 0;

const state = {
  next({ status }: ConnectionState) {
    if (status === 'open') trail = EMPTY;
    if (status !== 'closed' || trail === undefined) return;
    tell({ kind: 'connection', trail });
    trail = undefined;
  },
};

function takeSample(): void {
  const sample = { ...memory(), files: readdirSync('/proc/self/fd').length };
  tell({ kind: 'sample', sample });
  const now = performance.now();
  if (now - saidAt < PROGRESS) return;
  saidAt = now;
  const percent = Math.round((100 * outcomes) / FRAMES);
  const rate = Math.round(outcomes / ((now - startedAt) / 1_000));
  const heap = (sample.heap / 1e6).toFixed(1);
  process.stderr.write(`soak: ${percent} %, ${rate} frames/s, heap ${heap} MB, ${sample.files} files\n`);
}

await connect({ ...reach(ownAddress()), state })
  .pipe(
    // An hour passes in minutes, and so do the waits.
    reconnect({ initialDelay: 10, maxDelay: 10, authDelay: 10, stableAfter: 1 }),
    examine(),
    // The simulator's bytes come again and again. Each frame is its own here, so the memory is always full, and forgets.
    dedupe({ identity: ({ frameId }) => frameId }),
    metrics(meter),
    audit(sink),
    tap((outcome) => {
      trail = extend(trail ?? EMPTY, outcome.rawData, isRejected(outcome) ? outcome.reason : 'accepted');
      outcomes += 1;
      if (outcomes % STEP === 0) takeSample();
    }),
    accepted(),
  )
  .forEach(() => (parsed += 1));

const seconds = (performance.now() - startedAt) / 1_000;
await sink.close();
// The request to close the file is over when its callback has returned.
await turn();
const left = process.getActiveResourcesInfo().filter((resource) => resource !== 'PipeWrap');
const { frames, accepted: good, rejected } = meter.snapshot();
tell({ kind: 'totals', totals: { frames, accepted: good, rejected, parsed, unaudited: sink.lost, left, seconds } });
process.disconnect();
