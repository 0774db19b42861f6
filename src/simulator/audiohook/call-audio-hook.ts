import { randomUUID } from 'node:crypto';
import { mulberry32, uuid } from '../random.ts';
import { callScript, type CallScript } from './audio-hook-script.ts';
import { resolveCallOptions, type AudioHookCallOptions } from './call-options.ts';
import type { CallResult } from './call-result.ts';
import { callSession, type CallSession } from './call-session.ts';
import { callMeter, totalsOf, type AudioHookCallTotals } from './call-totals.ts';
import { frameTicker } from './frame-ticker.ts';
import type { ContinuedSession } from './open-parameters.ts';
import { upgradeHeaders } from './upgrade-headers.ts';

/** Calls that are under way. */
export interface AudioHookCalls {
  /**
   * What all sessions met, in the order of the calls, when all are over. Rejects for nothing that a session met.
   */
  readonly results: Promise<readonly CallResult[]>;
  /** What has been done so far. */
  readonly totals: AudioHookCallTotals;
  /**
   * Starts no more sessions, closes those that are open, and is done when no socket and no timer is left: within 12 s, whatever the
   * server does. May be called more than once.
   */
  stop(): Promise<void>;
}

/** What the sessions of one call have in common, and where it stands. */
interface Call {
  readonly ordinal: number;
  readonly conversationId: string;
  readonly participantId: string;
  readonly correlationId: string;
  readonly script: CallScript;
  readonly continued: readonly ContinuedSession[];
  readonly reconnections: number;
  /** How much of its audio has passed, in samples. */
  readonly base: number;
}

/** What probes say instead of a conversation and a participant. */
const NULL_UUID = '00000000-0000-0000-0000-000000000000';

/** How many of its sessions a call names when it goes on with another. */
const MOST_CONTINUED = 10;

/** How often a session gets its turn at an infinite pace, in milliseconds. */
const TURN = 1;

/**
 * **Plays Genesys Cloud that calls an AudioHook server**: one session or thousands, at the pace of real audio or faster, with the
 * pauses, reconnections and faults of a script. It shares no code with the server.
 *
 * ```ts
 * const calls = callAudioHook({ url, apiKey, clientSecret, sessions: 200, startOver: 5000, duration: 60_000 });
 * for (const { session, outcome, sha256 } of await calls.results) console.log(session, outcome, sha256);
 * ```
 *
 * @param options - see {@link AudioHookCallOptions}
 * @throws TypeError or RangeError at the call, where an option is not usable
 */
export function callAudioHook(options: AudioHookCallOptions): AudioHookCalls {
  const settings = resolveCallOptions(options);
  const { scheduler: clock, now, sessions, framePeriod, probe, handshake } = settings;
  const random = settings.seed === undefined ? undefined : mulberry32(settings.seed);
  const newId = (): string => (random ? uuid(random) : randomUUID());
  const organizationId = settings.organizationId ?? newId();
  const otherOrganizationId = newId();
  const meter = callMeter();
  const ticker = frameTicker({ period: framePeriod || TURN, catchesUp: framePeriod > 0, clock, now });
  const live = new Set<CallSession>();
  const ended: CallResult[] = [];
  let begun = 0;
  let isStopped = false;
  /** The request that all sessions use, where they replay it. */
  let replayed: ReturnType<typeof newRequest> | undefined;

  let deliver: (results: readonly CallResult[]) => void;
  const results = new Promise<readonly CallResult[]>((resolve) => (deliver = resolve));

  function newRequest(correlationId: string) {
    const sessionId = newId();
    const { url, apiKey, clientSecret } = settings;
    const parts = { url, apiKey, clientSecret, handshake, organizationId, sessionId, correlationId };
    return { sessionId, headers: upgradeHeaders(parts) };
  }

  function startSession(call: Call): void {
    const request = replayed ?? newRequest(call.correlationId);
    if (handshake === 'replayed-nonce') replayed = request;
    const session = callSession({
      ...call,
      ...request,
      call: call.ordinal,
      settings,
      ticker,
      meter,
      organizationId: handshake === 'other-organization' ? otherOrganizationId : organizationId,
      ended: (result, rest) => {
        live.delete(session);
        ended.push(result);
        if (rest) {
          startSession({
            ...call,
            base: call.base + rest.position,
            continued: [...call.continued, rest.session].slice(-MOST_CONTINUED),
            reconnections: rest.reconnections,
          });
        }
        deliverIfDone();
      },
    });
    live.add(session);
  }

  function startCalls(): void {
    const gap = settings.startOver / sessions;
    const start = now();
    const startDue = (): void => {
      for (; begun < sessions && start + begun * gap <= now(); begun += 1) {
        startSession({
          ordinal: begun,
          conversationId: probe ? NULL_UUID : newId(),
          participantId: probe ? NULL_UUID : newId(),
          correlationId: newId(),
          script: callScript(settings.script, begun),
          continued: [],
          reconnections: 0,
          base: 0,
        });
      }
      if (begun < sessions) starting = clock.schedule(startDue, Math.ceil(start + begun * gap - now()));
    };
    startDue();
  }

  function deliverIfDone(): void {
    if (live.size > 0 || (begun < sessions && !isStopped)) return;
    // The sessions of one call end in their order.
    deliver(ended.sort((one, other) => one.session - other.session));
  }

  let starting = clock.schedule(startCalls, 0);
  return {
    results,
    get totals() {
      return totalsOf(meter);
    },
    stop: async () => {
      isStopped = true;
      starting.unsubscribe();
      for (const session of live) session.stop();
      deliverIfDone();
      await results;
    },
  };
}
