import type { Timer } from '../clock.ts';
import type { CallScript } from './audio-hook-script.ts';
import type { AudioTrack } from './audio-source.ts';
import { callLink } from './call-link.ts';
import type { ResolvedCallOptions } from './call-options.ts';
import type { CallOutcome, CallResult, OpenedParameters } from './call-result.ts';
import type { CallMeter } from './call-totals.ts';
import { messageWriter, type ClientMessage } from './client-message.ts';
import type { FrameTicker } from './frame-ticker.ts';
import { offerChosen, type MediaOffer } from './media-offer.ts';
import { mediaStream } from './media-stream.ts';
import { messageAllowance } from './message-allowance.ts';
import { openParameters, type ContinuedSession, type SessionParties } from './open-parameters.ts';
import { pingLedger } from './ping-ledger.ts';
import { playEntry, type SessionControls } from './play-entry.ts';
import {
  readContent,
  readServerMessage,
  type MessageViolation,
  type ServerMessage,
  type ServerMessageType,
} from './server-message.ts';
import { sessionRecord } from './session-record.ts';
import { durationOfMs, samplesOf } from './stream-duration.ts';

/** What {@link callSession} is made from. */
export interface CallSessionOptions extends SessionParties {
  /** The ordinal of the call. */
  readonly call: number;
  readonly settings: ResolvedCallOptions;
  readonly sessionId: string;
  readonly headers: Readonly<Record<string, string>>;
  /** How much of the call's audio has passed in the sessions before, in samples. */
  readonly base: number;
  /** How many reconnections the server has asked for since audio passed. */
  readonly reconnections: number;
  readonly script: CallScript;
  readonly ticker: FrameTicker;
  readonly meter: CallMeter;
  /** Called once, when nothing is left of it. `rest` is there where the call wants to go on with another. */
  readonly ended: (
    result: CallResult,
    rest: { readonly session: ContinuedSession; readonly position: number; readonly reconnections: number } | undefined,
  ) => void;
}

/** A session that is under way. */
export interface CallSession {
  /** Closes it in order where it is open, and ends it where it can't be closed. */
  stop(): void;
}

/** How long the server has for the upgrade, in milliseconds. */
const UPGRADE_TIMEOUT = 10_000;
const OPEN_TIMEOUT = 5000;
const CLOSE_TIMEOUT = 10_000;
/** How long the server has for the closing handshake of the WebSocket. */
const HANG_UP_TIMEOUT = 2000;
const FIRST_PING = 1000;
const PING_INTERVAL = 5000;

/** No audio is handed to a socket that has this much to write, in bytes. */
const HIGH_WATER_MARK = 256 * 1024;

/** How long no audio may pass, besides what a frame lasts, in milliseconds. Looked at with each ping. */
const STANDSTILL_TIMEOUT = 10_000;

/** How many reconnections a server may ask for while no audio passes. */
const MOST_RECONNECTIONS = 10;

/** At an infinite pace the other sessions get their turn after so many frames. */
const FRAMES_A_TURN = 16;

/** The server has no choice but to send these: they don't count as too many. */
const ANSWERS: readonly string[] = ['opened', 'closed', 'pong', 'updated'];

/** Of each there is one at most. `answer` waits for whatever the server has to do next. */
type TimerName = 'answer' | 'ping' | 'go-on' | 'give-up';

/**
 * **One session of Genesys Cloud's**, from the upgrade to the end of its socket: `open`, audio at its pace, pings, the answers
 * to what the server sends, `close`.
 */
export function callSession(options: CallSessionOptions): CallSession {
  const { call, settings, sessionId, script, meter, base } = options;
  const { scheduler: clock, now, frameSamples, framePeriod, onAudio, onMessage } = settings;
  const isPaced = framePeriod > 0;
  const end = settings.totalSamples - base;

  let state: 'connecting' | 'opening' | 'open' | 'closing' | 'ended' = 'connecting';
  let outcome: CallOutcome | undefined;
  let status: number | undefined;
  let failure: string | undefined;
  let disconnect: CallResult['disconnect'];
  let opened: OpenedParameters | undefined;
  let wasOpen = false;
  let hasFailed = false;
  let goesOn = false;
  let { reconnections } = options;

  let serverseq = 0;
  let media: MediaOffer | undefined;
  let track: AudioTrack | undefined;
  let leaveTicker = (): void => undefined;
  /** Frames that are due and not yet sent. */
  let owed = 0;
  /** How late the frame is that is about to leave, in milliseconds. */
  let lateness = 0;
  /** When audio passed, or could pass again, for the last time. */
  let lastMove = 0;

  let isHeld = false;
  let ignoresPause = false;
  let neverCloses = false;

  const pings = pingLedger(now);
  let firstPing: number | undefined;
  let lastPing: number | undefined;
  const tooEarly = messageAllowance(settings.pace);
  let quietUntil = -Infinity;

  const record = sessionRecord();
  const timers = new Map<TimerName, Timer>();
  function setTimer(name: TimerName, delay: number, work: () => void): void {
    timers.get(name)?.unsubscribe();
    timers.set(name, clock.schedule(work, delay));
  }

  const stream = mediaStream(end, { audio: sendAudio, say });
  const writer = messageWriter({ sessionId, serverseq: () => serverseq, position: () => stream.position });
  const link = callLink(settings.url, options.headers, { opened: onUpgrade, refused, received, failed, closed });
  meter.started += 1;
  setTimer('answer', UPGRADE_TIMEOUT, () => endAs('timeout'));

  // What goes out

  function post(message: unknown, data: string | Buffer): void {
    meter.messagesSent += 1;
    onMessage?.({ session: call, direction: 'sent', message });
    link.send(data, false);
  }

  const postMessage = (message: ClientMessage): void => post(message, JSON.stringify(message));

  function say(type: string, parameters: object, changes?: Readonly<Record<string, unknown>>): number {
    const message = writer.write(type, parameters, changes);
    postMessage(message);
    return message.seq;
  }

  function ping(parameters: object = {}, changes?: Readonly<Record<string, unknown>>): number {
    const known = pings.rtt === undefined ? {} : { rtt: durationOfMs(pings.rtt) };
    const seq = say('ping', { ...known, ...parameters }, changes);
    pings.add(seq);
    return seq;
  }

  function sendAudio(position: number, samples: number): void {
    if (!track) return;
    const data = track.slice(base + position, samples);
    link.send(data, true);
    record.addAudio(data, samples);
    meter.audioMessages += 1;
    meter.audioBytes += data.length;
    meter.audioSamples += samples;
    if (isPaced) meter.pacingError.add(lateness);
    onAudio?.({ session: call, sessionId, position, data });
  }

  function complain(code: number, message: string, more: object = {}): void {
    record.addError(code, message);
    say('error', { code, message, ...more });
  }

  /** The server has broken the protocol. */
  function fail({ code, message }: MessageViolation): void {
    if (hasFailed || state === 'ended') return;
    hasFailed = true;
    outcome ??= code === 408 ? 'timeout' : 'error';
    complain(code, message);
    beginClose('error');
  }

  function beginClose(reason: string): void {
    if (state === 'closing' || state === 'ended' || neverCloses) return;
    state = 'closing';
    leaveTicker();
    timers.get('ping')?.unsubscribe();
    say('close', { reason });
    setTimer('answer', CLOSE_TIMEOUT, () => {
      outcome ??= 'timeout';
      complain(408, 'Close transaction timeout');
      hangUp();
    });
  }

  function hangUp(): void {
    link.close();
    setTimer('answer', HANG_UP_TIMEOUT, () => link.destroy());
  }

  function endAs(how: CallOutcome): void {
    outcome ??= how;
    state = 'ended';
    link.destroy();
  }

  // The frames

  const isStreaming = (): boolean => state === 'open' && !isHeld;

  function playScript(): void {
    for (let entry = script.take(base + stream.position); entry; entry = script.take(base + stream.position)) {
      playEntry(entry, controls);
      if (!isStreaming()) return;
    }
  }

  /** Lets one frame pass; whether there may be another. */
  function step(): boolean {
    playScript();
    if (!isStreaming()) return false;
    if (stream.position < end) {
      stream.advance(frameSamples);
      lastMove = now();
      reconnections = 0;
      if (stream.position >= end) playScript();
    }
    if (stream.position < end || !isStreaming()) return isStreaming();
    leaveTicker();
    if (neverCloses) setTimer('give-up', CLOSE_TIMEOUT, () => endAs('timeout'));
    beginClose('end');
    return false;
  }

  function tick(due: number): void {
    owed = isPaced ? owed + 1 : FRAMES_A_TURN;
    while (owed > 0 && isStreaming() && link.bufferedAmount < HIGH_WATER_MARK) {
      // Without a clock, time would pass in no time.
      if (!isPaced && stream.isPausedByServer) return;
      lateness = Math.max(0, now() - (due - (owed - 1) * framePeriod));
      if (!step()) return;
      owed -= 1;
    }
  }

  // The script's means

  function standStill(kind: 'stall' | 'half-open', forMs: number | undefined): void {
    isHeld = true;
    link.hold(forMs === undefined);
    if (kind === 'half-open') link.deafen();
    if (forMs === undefined) {
      const remaining = isPaced ? ((end - stream.position) / frameSamples) * framePeriod : 0;
      setTimer('give-up', remaining + CLOSE_TIMEOUT, () => endAs('timeout'));
      return;
    }
    setTimer('go-on', forMs, () => {
      isHeld = false;
      lastMove = now();
      link.goOn();
    });
  }

  const controls: SessionControls = {
    writer,
    stream,
    say,
    ping,
    post,
    postMessage,
    expectPong: (seq) => pings.add(seq),
    sendBinary: (data) => link.send(data, true),
    frame: () => track?.slice(base + stream.position, frameSamples),
    silence: (bytes) => Buffer.alloc(bytes, media?.format === 'L16' ? 0 : 0xff),
    close: beginClose,
    reconnect,
    cut: () => endAs('cut'),
    standStill,
    ignorePause: () => (ignoresPause = true),
    neverClose: () => (neverCloses = true),
  };

  function reconnect(): void {
    if (state !== 'open') return;
    goesOn = true;
    beginClose('reconnect');
  }

  // What comes in

  function onReconnect(): void {
    if (state !== 'open') return;
    if (reconnections === MOST_RECONNECTIONS) {
      fail({ code: 429, message: `Too many reconnections: ${MOST_RECONNECTIONS} without audio in between` });
      return;
    }
    reconnections += 1;
    reconnect();
  }

  function onUpgrade(): void {
    meter.open += 1;
    wasOpen = true;
    state = 'opening';
    if (script.takeFault('no-open')) {
      const length = isPaced ? (end / frameSamples) * framePeriod : 0;
      setTimer('answer', length + CLOSE_TIMEOUT, () => endAs('timeout'));
      return;
    }
    say('open', openParameters(options, settings));
    setTimer('answer', OPEN_TIMEOUT, () => fail({ code: 408, message: 'Open transaction timeout' }));
    if (script.takeFault('audio-before-opened')) {
      const offered = settings.media[0] as MediaOffer;
      link.send(settings.source.track(offered, frameSamples).slice(base, frameSamples), true);
    }
  }

  function received(data: Buffer, isBinary: boolean): void {
    if (state === 'ended') return;
    const content = readContent(data, isBinary);
    if ('code' in content) {
      fail(content);
      return;
    }
    const { value } = content;
    meter.messagesReceived += 1;
    onMessage?.({ session: call, direction: 'received', message: value });
    // Once the server has broken the protocol its numbers can't be held against it: all that is waited for is `closed`.
    if (hasFailed && (value as { readonly type?: unknown } | null)?.type === 'closed') {
      hangUp();
      return;
    }
    const message = readServerMessage(value, { sessionId, serverseq, seq: writer.highest });
    if ('code' in message) {
      fail(message);
      return;
    }
    ({ seq: serverseq } = message);
    if (!ANSWERS.includes(message.type)) limitRate();
    answers[message.type](message);
  }

  function limitRate(): void {
    const time = now();
    const early = tooEarly(time);
    if (early === 0) return;
    meter.rateLimited += 1;
    if (time < quietUntil) return;
    quietUntil = time + early;
    complain(429, 'Too many messages', { retryAfter: durationOfMs(early) });
  }

  const answers: Readonly<Record<ServerMessageType, (message: ServerMessage) => void>> = {
    opened: onOpened,
    closed: onClosed,
    pong: onPong,
    pause: (message) => whileOpen(message, () => stream.pauseByServer()),
    resume: (message) => whileOpen(message, () => stream.resumeByServer()),
    reconnect: onReconnect,
    disconnect: onDisconnect,
    event: onEvent,
    updated: () => undefined,
  };

  function unexpected(message: ServerMessage): void {
    fail({ code: 409, message: `Unexpected '${message.type}' message` });
  }

  function whileOpen(message: ServerMessage, act: () => void): void {
    if (state === 'opening') unexpected(message);
    else if (state === 'open' && !ignoresPause) act();
  }

  function onOpened(message: ServerMessage): void {
    if (state === 'closing') return;
    if (state !== 'opening') {
      unexpected(message);
      return;
    }
    state = 'open';
    timers.get('answer')?.unsubscribe();
    const parameters = message.parameters as unknown as OpenedParameters;
    opened = parameters;
    if (parameters.media.length > 1) {
      fail({ code: 400, message: 'More than one media selected' });
      return;
    }
    if (parameters.media.length === 1) {
      media = offerChosen(settings.media, parameters.media[0]);
      if (!media) {
        fail({ code: 400, message: 'Selected media not one of the offered' });
        return;
      }
      track = settings.source.track(media, frameSamples);
    }
    if (settings.probe) {
      beginClose('end');
      return;
    }
    stream.start(samplesOf(parameters.discardTo) ?? 0, parameters.startPaused === true);
    lastMove = now();
    setTimer('ping', FIRST_PING, pingInTurn);
    leaveTicker = options.ticker.join(call / settings.sessions, tick);
  }

  function pingInTurn(): void {
    if (state !== 'open') return;
    setTimer('ping', PING_INTERVAL, pingInTurn);
    if (isHeld) return;
    if (now() - lastMove > STANDSTILL_TIMEOUT + framePeriod) {
      if (neverCloses) endAs('timeout');
      else fail({ code: 408, message: 'Timeout waiting for the audio to go on' });
      return;
    }
    if (lastPing !== undefined && pings.has(lastPing)) {
      fail({ code: 408, message: 'Timeout waiting for pong' });
      return;
    }
    lastPing = ping();
    firstPing ??= lastPing;
  }

  function onPong({ clientseq }: ServerMessage): void {
    const rtt = pings.take(clientseq);
    if (rtt === undefined) {
      if (pings.isEmpty) complain(409, "Unexpected 'pong' (no outstanding 'ping')");
      else complain(400, "The clientseq of the 'pong' is the seq of no 'ping'");
      return;
    }
    meter.pongs += 1;
    meter.rtt.add(rtt);
    // The second tells the server the round trip that the first has measured.
    if (clientseq === firstPing && state === 'open') lastPing = ping();
  }

  function onClosed(message: ServerMessage): void {
    if (state !== 'closing') {
      unexpected(message);
      return;
    }
    outcome ??= 'closed';
    hangUp();
  }

  function onDisconnect({ parameters }: ServerMessage): void {
    const { reason, info } = parameters as { readonly reason: string; readonly info?: string };
    disconnect = { reason, ...(info !== undefined && { info }) };
    if (state === 'closing') return;
    outcome ??= 'disconnected';
    beginClose('disconnect');
  }

  function onEvent({ parameters }: ServerMessage): void {
    record.addEvent(parameters['entities'] as readonly { readonly type: string }[]);
  }

  function refused(httpStatus: number): void {
    outcome = 'refused';
    status = httpStatus;
  }

  function failed(error: Error): void {
    if (outcome !== undefined) return;
    failure = error.message;
    if (state === 'connecting') outcome = 'error';
  }

  function closed(code: number): void {
    if (wasOpen) meter.open -= 1;
    meter.ended += 1;
    state = 'ended';
    leaveTicker();
    for (const timer of timers.values()) timer.unsubscribe();
    outcome ??= 'cut';
    const result: CallResult = {
      session: call,
      sessionId,
      conversationId: options.conversationId,
      ...(options.continued.length > 0 && { continues: (options.continued.at(-1) as ContinuedSession).id }),
      outcome,
      ...(status !== undefined && { status }),
      ...(wasOpen && { closeCode: code }),
      ...(failure !== undefined && { failure }),
      ...(disconnect && { disconnect }),
      ...(opened && { opened }),
      ...record.close(stream.discarded),
    };
    const session = { id: sessionId, serverseq, clientseq: writer.seq };
    const rest = { session, position: stream.position, reconnections };
    options.ended(result, goesOn && outcome === 'closed' && stream.position < end ? rest : undefined);
  }

  return {
    stop: () => {
      goesOn = false;
      if (state === 'connecting' || isHeld || neverCloses) endAs('cut');
      else beginClose('end');
    },
  };
}
