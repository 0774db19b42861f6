import { createHash } from 'node:crypto';
import {
  filter,
  finalize,
  firstValueFrom,
  map,
  mergeMap,
  Subject,
  startWith,
  tap,
  toArray,
  type Subscription,
} from 'rxjs';
import { isRejected } from '../../../operators/frame.ts';
import { audioHook } from '../../../src/genesys/audiohook/audio-hook.node.ts';
import type { AudioHookNotice } from '../../../src/genesys/audiohook/audio-hook-notice.ts';
import type { AudioHookOptions } from '../../../src/genesys/audiohook/audio-hook-options.ts';
import type { AudioHookSession, SessionEnd, SessionEvent } from '../../../src/genesys/audiohook/session.ts';

/** What became of a session. */
export interface SessionRecord {
  readonly events: readonly SessionEvent[];
  /** The outcomes of all messages, in order: payload types, and reasons. */
  readonly outcomes: readonly string[];
  /** SHA-256 of all audio in hex. */
  readonly sha256: string;
  /** In bytes. */
  readonly audio: number;
}

/** A server under test. */
export interface AudioHookServer {
  readonly url: string;
  readonly notices: readonly AudioHookNotice[];
  /** Of the sessions that are over, by id. */
  readonly sessions: ReadonlyMap<string, SessionRecord>;
  /** Resolves when so many connections that were let in are over. */
  ended(count: number): Promise<readonly SessionEnd[]>;
  stop(): void;
}

export const CREDENTIALS = { apiKey: 'faults', clientSecret: 'ZmF1bHRzIG9mIGEgY2xpZW50' };

/** **Starts a server that writes down what it is sent**, on a port of its own. */
export async function audioHookServer(
  options: Partial<AudioHookOptions> = {},
  use: (session: AudioHookSession) => Subscription | undefined = () => undefined,
): Promise<AudioHookServer> {
  const notices: AudioHookNotice[] = [];
  const notices$ = new Subject<AudioHookNotice>();
  const sessions = new Map<string, SessionRecord>();
  notices$.subscribe((notice) => notices.push(notice));
  const first = firstValueFrom(notices$);

  const running = audioHook({ port: 0, credentials: [CREDENTIALS], notices: notices$, ...options })
    .pipe(
      mergeMap((session) => {
        const used = use(session);
        return record(session).pipe(
          map((all) => sessions.set(session.id, all)),
          finalize(() => used?.unsubscribe()),
        );
      }),
    )
    .subscribe();

  const listening = await first;
  if (listening.type !== 'listening') throw new Error('the first notice must tell where it listens');
  return {
    url: listening.url,
    notices,
    sessions,
    ended: (count) =>
      firstValueFrom(
        notices$.pipe(
          startWith(undefined),
          map(() => notices.filter((notice) => notice.type === 'ended')),
          filter(({ length }) => length >= count),
        ),
      ),
    stop: () => running.unsubscribe(),
  };
}

function record({ frames$, events$ }: AudioHookSession) {
  const digest = createHash('sha256');
  const events: SessionEvent[] = [];
  let audio = 0;
  events$.subscribe((event) => events.push(event));
  return frames$.pipe(
    tap((outcome) => {
      if (isRejected(outcome) || outcome.payloadType !== 'audio') return;
      digest.update(outcome.decodedData);
      audio += outcome.byteLength;
    }),
    map((outcome) => (isRejected(outcome) ? outcome.reason : outcome.payloadType)),
    toArray(),
    map((outcomes): SessionRecord => ({ events, outcomes, sha256: digest.digest('hex'), audio })),
  );
}
