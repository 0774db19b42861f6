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
  take,
  takeUntil,
  tap,
  timer,
} from 'rxjs';
import { Flow } from '../../operators/flow.ts';
import { Meter } from '../../operators/meter.ts';
import type { NotificationNotice } from '../genesys/notifications/notifications.ts';
import { pinoAuditSink, type PinoAuditSink } from '../telemetry/pino-audit-sink.ts';
import type { Companion, StartCompanion } from './companion.ts';
import { exitCode } from './exit-code.ts';
import { noticeJson, noticeLine } from './notice-line.ts';
import { outcomeLine } from './outcome-line.ts';
import type { OutcomeSource } from './outcome-source.ts';
import { Output } from './output.ts';
import { showProgress } from './show-progress.ts';
import { StatusLine } from './status-line.ts';
import { summary } from './summary.ts';
import { Tally } from './tally.ts';
import { terminalText } from './terminal-text.ts';
import { UsageError } from './usage-error.ts';

/**
 * How long a reader has, after a signal, to take the lines that wait for it, in milliseconds: as long as the audit log's.
 * Without a signal it is waited for.
 */
const READER_TIMEOUT = 5_000;

/** What {@link streamOutcomes} is to do. */
export interface StreamWishes {
  /** One line of JSON for each outcome, on stdout. */
  readonly json: boolean;
  /** With the payload. */
  readonly data: boolean;
  readonly auditFile: string | undefined;
  /** After how many outcomes it ends. */
  readonly maxFrames: number | undefined;
  /** After how many seconds it ends. */
  readonly duration: number | undefined;
  /** What goes along with the stream. */
  readonly companions: readonly StartCompanion[];
}

/**
 * **Streams to the terminal until it is stopped, or has what was wished for**, and gives the exit code. In the end what was
 * received is written, the audit log is flushed, and the summary goes to stderr.
 *
 * @param stopped - resolves when it is to stop
 * @throws UsageError where the audit log can't be opened; the error that ended the stream
 */
export async function streamOutcomes(
  source: OutcomeSource,
  wishes: StreamWishes,
  stopped: Promise<void>,
): Promise<number> {
  const { json, data, auditFile, maxFrames, duration, companions: starts } = wishes;
  const flow = new Flow();
  const meter = new Meter();
  const tally = new Tally();
  const output = new Output(process.stdout, flow);
  const view = statusLine(json);
  const audit = auditFile === undefined ? undefined : openAudit(auditFile);

  const notice = (told: NotificationNotice) => {
    // It may be the same terminal.
    view.clear();
    process.stderr.write(`${(json ? noticeJson : noticeLine)(told, Date.now())}\n`);
  };
  const { outcomes$, state$, counts } = source.open({ flow, meter, audit, notice });

  const companions: Companion[] = [];
  const stop$ = from(stopped);
  const duration$ = duration === undefined ? NEVER : timer(duration * 1_000);
  view.log(`streaming from ${source.name}`);
  const progress = showProgress(state$, meter, view);
  process.once('exit', () => progress.unsubscribe());

  let isWhole: boolean;
  try {
    for (const start of starts) {
      companions.push(await start({ flow, meter, state$, log: (text) => view.log(text) }));
    }
    const accompanied$ = companions.reduce((stream$, { through = identity }) => stream$.pipe(through), outcomes$);
    await lastValueFrom(
      accompanied$.pipe(
        maxFrames === undefined ? identity : take(maxFrames),
        tap((outcome) => {
          if (json) output.writeLine(outcomeLine(outcome, performance.now(), data));
          tally.add(outcome);
        }),
        takeUntil(merge(stop$, duration$, output.gone$)),
      ),
      { defaultValue: undefined },
    );
  } finally {
    progress.unsubscribe();
    const drained = firstValueFrom(race(output.drained(), stop$.pipe(delay(READER_TIMEOUT))));
    await Promise.all([audit?.close(), drained, ...companions.map((companion) => companion.close())]);
    const lost = audit?.lost ?? 0;
    isWhole =
      tally.isBalanced &&
      lost === 0 &&
      output.lost === 0 &&
      companions.every((companion) => companion.isWhole?.() ?? true);
    if (!output.hasGone || !isWhole) {
      process.stderr.write(
        `${summary({
          tally,
          connections: counts(),
          lostLines: output.lost,
          ...(auditFile !== undefined && { audit: { file: auditFile, lost } }),
          others: companions.flatMap((companion) => companion.summary?.() ?? []),
        })}\n`,
      );
    }
  }
  return isWhole ? exitCode.done : exitCode.failed;
}

/** Where a person looks: on stdout, or where that is for JSON, on stderr. Two that write to one terminal get no live line. */
function statusLine(json: boolean): StatusLine {
  const stream = json ? process.stderr : process.stdout;
  const isTerminal = stream.isTTY && process.env['TERM'] !== 'dumb';
  return new StatusLine(stream, isTerminal && !(json && mayReachTerminal(process.stdout)));
}

/** Whether what is written there may come to a terminal: because it is one, or because a program reads it (`| jq`). */
function mayReachTerminal({ isTTY, fd }: NodeJS.WriteStream & { readonly fd: number }): boolean {
  if (isTTY) return true;
  const stats = fstatSync(fd);
  return stats.isFIFO() || stats.isSocket();
}

function openAudit(file: string): PinoAuditSink {
  try {
    return pinoAuditSink({
      destination: file,
      onError: ({ message }) =>
        process.stderr.write(terminalText(`rxframe: the audit log ${file} fails: ${message}`) + '\n'),
    });
  } catch (error) {
    const { message, cause } = error as Error;
    const why = cause instanceof Error ? cause.message : message;
    throw new UsageError(`--audit-file: ${JSON.stringify(file)} can't be opened: ${terminalText(why)}`, {
      cause: error,
    });
  }
}
