import { fstatSync } from 'node:fs';
import {
  delay,
  firstValueFrom,
  from,
  identity,
  lastValueFrom,
  merge,
  NEVER,
  race,
  switchMap,
  takeUntil,
  takeWhile,
  tap,
  timer,
  type Subscription,
} from 'rxjs';
import { Flow } from '../../../operators/flow.ts';
import type { AnyFrame } from '../../../operators/frame.ts';
import { Meter } from '../../../operators/meter.ts';
import type { AuditWishes } from '../arguments/audit-flags.ts';
import { auditLog } from './audit-log.ts';
import type { Companion, StartCompanion } from './companion.ts';
import { exitCode } from '../exit-code.ts';
import { noticeJson, noticeLine, type Notice } from './notice-line.ts';
import type { MemberPath } from './member-path.ts';
import { outcomeLine, selectedLine } from './outcome-line.ts';
import type { OutcomeFilter } from './outcome-filter.ts';
import type { OutcomeSource } from './outcome-source.ts';
import { isLiveTerminal } from '../terminal/is-live-terminal.ts';
import { Output } from '../terminal/output.ts';
import { showProgress } from './show-progress.ts';
import { StatusLine } from '../terminal/status-line.ts';
import { summary } from './summary.ts';
import { Tally } from './tally.ts';

/**
 * How long a reader has, after a signal, to take the lines that wait for it, in milliseconds: as long as the audit log's.
 * Without a signal it is waited for.
 */
const READER_TIMEOUT = 5_000;
/** How long companions have, once the stream has ended, to do what is left to do with what they took, in milliseconds. */
const COMPANION_TIMEOUT = 5_000;

/** What {@link streamOutcomes} is to do. */
export interface StreamWishes {
  /** One line of JSON for each outcome, on stdout. */
  readonly json: boolean;
  /** With the payload. */
  readonly data: boolean;
  /** Only outcomes for which all of these hold get a line, and count for `maxFrames`. */
  readonly filters: readonly OutcomeFilter[];
  /** Only these members in place of all; undefined: all. */
  readonly select: readonly MemberPath[] | undefined;
  /** Neither log lines, live line nor summary. */
  readonly quiet: boolean;
  readonly audit: AuditWishes | undefined;
  /** After how many outcomes it ends. */
  readonly maxFrames: number | undefined;
  /** After how many seconds it ends. */
  readonly duration: number | undefined;
  /** What goes along with the stream. */
  readonly companions: readonly StartCompanion[];
  /** Stdout is for what a companion writes: a person is told all else on stderr. @defaultValue `json` */
  readonly stdoutIsForData?: boolean;
}

/**
 * **Streams to the terminal until it is stopped, or has what was wished for**, and gives the exit code. In the end what was
 * received is written, what goes along with the stream has done its part, the audit log is flushed, and the summary goes to stderr. Where what
 * goes along with it can't start, there is neither a stream nor a summary.
 *
 * @param stopped - resolves when it is to stop
 * @throws UsageError where the audit log can't be opened; the error that ended the stream
 */
export async function streamOutcomes(
  source: OutcomeSource,
  wishes: StreamWishes,
  stopped: Promise<void>,
): Promise<number> {
  const { json, data, filters, select, quiet, audit: auditWishes, maxFrames, duration, companions: starts } = wishes;
  const flow = new Flow();
  const meter = new Meter();
  const output = new Output(process.stdout, flow);
  const view = statusLine(wishes.stdoutIsForData ?? json, quiet);
  const audit = auditWishes && auditLog(auditWishes);

  const notice = (told: Notice) => {
    if (quiet && told.type === 'handover') return;
    // It may be the same terminal.
    view.clear();
    process.stderr.write(`${(json ? noticeJson : noticeLine)(told, Date.now())}\n`);
  };
  const { outcomes$, state$, counts, progress: howFar, received } = source.open({ flow, meter, audit, notice });
  const tally = new Tally(received);

  const companions: Companion[] = [];
  const stop$ = from(stopped);
  const stoppedAt = stopped.then(() => performance.now());
  const duration$ = duration === undefined ? NEVER : timer(duration * 1_000);
  /** Undefined until the stream begins. */
  let progress: Subscription | undefined;
  process.once('exit', () => progress?.unsubscribe());

  let passed = 0;
  /** Writes its line, unless a filter keeps it back. */
  const write = (outcome: AnyFrame): boolean => {
    const now = performance.now();
    if (!filters.every((holds) => holds(outcome, now))) return false;
    output.writeLine(select === undefined ? outcomeLine(outcome, now, data) : selectedLine(outcome, now, select));
    return true;
  };

  let isWhole: boolean;
  try {
    for (const start of starts) {
      companions.push(await start({ flow, meter, state$, output, log: (text) => view.log(text) }));
    }
    view.log(`streaming from ${source.name}`);
    progress = showProgress(state$, meter, view, howFar);
    const ended$ = merge(stop$, duration$, output.gone$);
    const counted$ = outcomes$.pipe(
      tap((outcome) => {
        if (!json || write(outcome)) passed += 1;
        tally.add(outcome);
      }),
      maxFrames === undefined ? identity : takeWhile(() => passed < maxFrames, true),
      // Before the companions: what they took is theirs to bring to its end.
      takeUntil(ended$),
    );
    const accompanied$ = companions.reduce((stream$, { through = identity }) => stream$.pipe(through), counted$);
    await lastValueFrom(accompanied$.pipe(takeUntil(ended$.pipe(delay(COMPANION_TIMEOUT)))), {
      defaultValue: undefined,
    });
  } finally {
    progress?.unsubscribe();
    // Counted from the signal: companions that have had their time have waited for the same reader.
    const impatient$ = from(stoppedAt).pipe(
      switchMap((at) => timer(Math.max(0, at + READER_TIMEOUT - performance.now()))),
    );
    const drained = firstValueFrom(race(output.drained(), impatient$));
    await Promise.all([audit?.close(), drained, ...companions.map((companion) => companion.close())]);
    const lost = audit?.lost ?? 0;
    isWhole =
      tally.isBalanced &&
      lost === 0 &&
      output.lost === 0 &&
      companions.every((companion) => companion.isWhole?.() ?? true);
    if (progress !== undefined && (!isWhole || (!output.hasGone && !quiet))) {
      process.stderr.write(
        `${summary({
          tally,
          connections: counts(),
          ...(filters.length > 0 && { passed }),
          lostLines: output.lost,
          ...(auditWishes !== undefined && { audit: { file: auditWishes.file, lost, lastHash: audit?.lastHash } }),
          others: companions.flatMap((companion) => companion.summary?.() ?? []),
        })}\n`,
      );
    }
  }
  return isWhole ? exitCode.done : exitCode.failed;
}

/** Where a person looks: on stdout, or where that is for data, on stderr. Two that write to one terminal get no live line. */
function statusLine(stdoutIsForData: boolean, quiet: boolean): StatusLine {
  if (quiet) return new StatusLine({ write: () => true }, false);
  const stream = stdoutIsForData ? process.stderr : process.stdout;
  return new StatusLine(stream, isLiveTerminal(stream) && !(stdoutIsForData && mayReachTerminal(process.stdout)));
}

/** Whether what is written there may come to a terminal: because it is one, or because a program reads it (`| jq`). */
function mayReachTerminal({ isTTY, fd }: NodeJS.WriteStream & { readonly fd: number }): boolean {
  if (isTTY) return true;
  const stats = fstatSync(fd);
  return stats.isFIFO() || stats.isSocket();
}
