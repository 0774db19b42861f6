import { firstValueFrom, from, lastValueFrom, mergeMap, race, Subject, takeUntil, tap, timer } from 'rxjs';
import { Flow } from '../../../operators/flow.ts';
import { isSafeForSecrets } from '../../connection/address.ts';
import type { AudioHookNotice } from '../../genesys/audiohook/audio-hook-notice.ts';
import type { AudioHookOptions } from '../../genesys/audiohook/audio-hook-options.ts';
import { audioHook } from '../../genesys/audiohook/audio-hook.node.ts';
import type { Accept } from '../../genesys/audiohook/session-settings.ts';
import { exitCode } from '../exit-code.ts';
import { messageOf } from '../terminal/message-of.ts';
import { Output } from '../terminal/output.ts';
import { terminalText } from '../terminal/terminal-text.ts';
import { asUsage } from './as-usage.ts';
import { drawStatus } from './draw-status.ts';
import { firstOfEachPeriod } from '../terminal/first-of-each-period.ts';
import type { Credentials } from './read-credentials.ts';
import { serveOne, type SessionWishes } from './serve-one.ts';
import type { Refusal, ServerEvent } from './server-event.ts';
import { serverEventJson, serverEventLine } from './server-event-line.ts';
import { serverStatus } from './server-status.ts';
import { serverSummary } from './server-summary.ts';
import { ServerTotals } from './server-totals.ts';
import { stderrLine } from './stderr-line.ts';

/** What {@link runServer} is to do. */
export interface ServerWishes extends SessionWishes {
  readonly port: number;
  readonly host: string | undefined;
  readonly path: string | undefined;
  readonly credentials: Credentials;
  /** The organisations that are let in; undefined: any. */
  readonly organizations: readonly string[] | undefined;
  readonly supportedLanguages: readonly string[];
  /** One line of JSON for each event, on stdout. */
  readonly json: boolean;
}

/**
 * How long a client has to close after it was told to, and its socket after that, in milliseconds: both, and the files, within the time that
 * stopping may take.
 */
const CLOSE_TIMEOUT = 2_000;
/** How long a reader of stdout has, after the end, to take the lines that wait for it, in milliseconds. */
const READER_TIMEOUT = 1_000;
/** How many refused requests are told one by one in how many milliseconds. */
const REFUSALS_TOLD = { most: 10, period: 10_000 };

/**
 * **Runs an AudioHook server until it is stopped**, and gives the exit code. In the end every client was asked to close, the files are closed, and
 * the summary goes to stderr.
 *
 * @param stopped - resolves when it is to stop
 * @throws UsageError where a wish is not allowed; the system's error where it can't listen
 */
export async function runServer(wishes: ServerWishes, stopped: Promise<void>): Promise<number> {
  const { json } = wishes;
  const totals = new ServerTotals();
  const output = new Output(process.stdout, new Flow());
  const view = stderrLine(json);
  const refusals$ = new Subject<Refusal>();

  const tell = (event: ServerEvent) => {
    if (json) output.writeLine(serverEventJson(event, Date.now()));
    else view.log(serverEventLine(event));
  };
  refusals$
    .pipe(firstOfEachPeriod(REFUSALS_TOLD, (count) => ({ type: 'more-refused', count }) as const))
    .subscribe(tell);

  const sessions$ = asUsage(optionNames(wishes.credentials), () =>
    audioHook({ ...serverOptions(wishes), notices: { next: onNotice } }),
  );

  function onNotice(notice: AudioHookNotice): void {
    switch (notice.type) {
      case 'listening':
        if (!json) output.writeLine(notice.url);
        tell(notice);
        if (!isSafeForSecrets(new URL(notice.url))) note(WITHOUT_TLS);
        return;
      case 'refused':
        totals.refused.set(notice.reason, (totals.refused.get(notice.reason) ?? 0) + 1);
        refusals$.next(notice);
        return;
      case 'opened':
        if (!notice.session.isProbe) return;
        totals.probes += 1;
        totals.openProbes.add(notice.connectionId);
        tell({ type: 'opened', session: notice.session, media: undefined });
        return;
      case 'ended': {
        const { sessionId, connectionId, ...end } = notice;
        tell({ type: 'ended', sessionId, end, received: totals.ended(connectionId) });
        return;
      }
      case 'failed':
        tell(notice);
        return;
      // Counted among the messages of its session.
      case 'rejected':
    }
  }

  function note(text: string): void {
    view.clear();
    process.stderr.write(`${terminalText(text)}\n`);
  }

  const drawing = drawStatus(view, () => serverStatus(totals));
  const stop$ = from(stopped).pipe(tap(() => tell({ type: 'stopping', sessions: totals.open.size })));
  // Those that were handed out go on until they have ended.
  const untilStopped$ = sessions$.pipe(takeUntil(stop$));
  const served$ = untilStopped$.pipe(
    mergeMap((session) => {
      tell({ type: 'opened', session, media: session.media });
      return serveOne(session, wishes, totals, (cause) =>
        note(`rxframe audiohook: the recording of ${session.id} fails: ${messageOf(cause)}`),
      );
    }),
  );
  try {
    await lastValueFrom(served$, { defaultValue: undefined });
  } finally {
    refusals$.complete();
    drawing.unsubscribe();
    await firstValueFrom(race(output.drained(), timer(READER_TIMEOUT)));
  }
  process.stderr.write(`${serverSummary(totals, wishes.record, output.lost)}\n`);
  return totals.isWhole && output.lost === 0 ? exitCode.done : exitCode.failed;
}

const WITHOUT_TLS =
  'Genesys Cloud connects by wss:// only, and this server has no certificate: put a proxy in front that has one, and passes host and path on as they are.';

/** Where each option came from, for messages. */
function optionNames({ apiKeyFrom, clientSecretFrom }: Credentials): Readonly<Record<string, string>> {
  return {
    'audioHook: credentials[0].apiKey': apiKeyFrom,
    'audioHook: credentials[0].clientSecret': clientSecretFrom,
    'audioHook: credentials[0].organizationIds': '--organization',
    'audioHook: path': '--path',
  };
}

function serverOptions(wishes: ServerWishes): AudioHookOptions {
  const { port, host, path, credentials, organizations, supportedLanguages, transcripts } = wishes;
  const { apiKey, clientSecret } = credentials;
  const credential = {
    apiKey,
    ...(clientSecret !== undefined && { clientSecret }),
    ...(organizations !== undefined && { organizationIds: organizations }),
  };
  return {
    port,
    ...(host !== undefined && { host }),
    ...(path !== undefined && { path }),
    credentials: [credential],
    supportedLanguages,
    closeTimeout: CLOSE_TIMEOUT,
    ...(transcripts && { accept: acceptBothChannels }),
  };
}

/** The first offer with two channels, so that both are heard; else the first. */
const acceptBothChannels: Accept = ({ offered }) => ({
  media: offered.find(({ channels }) => channels.length === 2) ?? offered[0],
});
