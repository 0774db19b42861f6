import { Observable, Subject, Subscription, type MonoTypeOperatorFunction } from 'rxjs';
import { decode } from '../../../operators/decode.ts';
import { isRejected, reject, type RawFrame, type RejectedFrame } from '../../../operators/frame.ts';
import { oneOf, optionError, optionsObject } from '../../../operators/options.ts';
import { printable } from '../../../operators/printable.ts';
import { lift } from '../../../operators/stage.ts';
import { validate } from '../../../operators/validate.ts';
import { repeating } from '../repeating.ts';
import { AudioFrame } from './audio-frame.ts';
import type { AudioHookFrame, ControlFrame } from './audio-hook-frame.ts';
import type { SessionOfNotice } from './audio-hook-notice.ts';
import { audioHookTypes } from './audio-hook-types.ts';
import type { SessionIdentity } from './authenticate.ts';
import type { OpenParameters } from './client-message.ts';
import { EventQueue } from './event-queue.ts';
import { sameMedia, type MediaParameter } from './media.ts';
import { PauseWish } from './pause-wish.ts';
import type { DisconnectReason, ServerMessage } from './server-message.ts';
import { SessionProtocol, type SessionState } from './session-protocol.ts';
import type { Acceptance, SessionSettings } from './session-settings.ts';
import type { AudioHookSession, SessionEnd, SessionEvent, SessionOffer } from './session.ts';
import { streamDuration, millisecondsOf, samplesOf } from './stream-duration.ts';
import { TokenBucket } from './token-bucket.ts';
import { isNullUuid } from './uuid.ts';

/** What a session needs of its socket. */
export interface SessionLink {
  send(text: string): void;
  /** Sends a close frame; the connection is cut where none comes back. */
  close(code: number, reason: string): void;
  /** Cuts the connection. */
  terminate(): void;
}

/** The longest JSON message, in bytes: less than 64 KiB. Source: as {@link SessionProtocol}. */
const LONGEST_TEXT = 65_535;
/** How long the client has to send `open`, in milliseconds. */
const OPEN_TIMEOUT = 10_000;
/** For how long `closed` may be held back, in milliseconds: the client waits ten seconds. */
const HOLD_OPEN = 8_000;
/** How many messages may come at once: those of so many seconds. */
const BURST = 4;
/** How large the messages that may come are in the mean, in bytes: 250 ms of stereo in L16. */
const MEAN_MESSAGE = 4_096;
/** What may come before `opened`: `open`, and a few pings. */
const MOST_EARLY = { messages: 100, bytes: 128 * 1024 };
const BEFORE_OPENED: readonly SessionState[] = ['preparing', 'opening'];
/** How long the client waits where it was told 429 without a time, in milliseconds. */
const USUAL_WAIT = 1_000;

/** The close codes (RFC 6455 section 7.4.1) for a client that does not close after it was told to. */
const CLOSE_CODES: Readonly<Record<DisconnectReason, number>> = { completed: 1000, unauthorized: 1008, error: 1002 };

const DISCONNECT_REASONS = Object.keys(CLOSE_CODES) as readonly DisconnectReason[];

/**
 * **One connection of a client**: tells the protocol what was received, the client how long it has, and the caller what came of it.
 * It knows no socket, and takes the time from the scheduler it is given.
 */
export class SessionConnection {
  readonly #identity: SessionIdentity;
  readonly #connectionId: string;
  readonly #link: SessionLink;
  readonly #settings: SessionSettings;
  readonly #protocol: SessionProtocol;
  readonly #events: EventQueue;
  readonly #pause: PauseWish;
  readonly #allowed: TokenBucket;
  readonly #allowedBytes: TokenBucket;
  readonly #received$ = new Subject<RawFrame>();
  readonly #frames$ = new Subject<AudioHookFrame | RejectedFrame>();
  readonly #media$ = new Subject<AudioFrame>();
  readonly #events$ = new Subject<SessionEvent>();
  /** The frames from before `opened`. */
  readonly #early: (AudioHookFrame | RejectedFrame)[] = [];
  readonly #timers = new Subscription();
  #deadline = Subscription.EMPTY;
  #lastReceived: number;
  /** Whether nothing has come for too long, as far as is known. */
  #isDoubted = false;
  #isProbe = false;
  #language: string | undefined;
  /** How many keep the session from being closed. */
  #holders = 0;
  /** Whether the client has closed the session. */
  #hasClosed = false;
  #disconnect: SessionEnd['disconnect'];
  #hasEnded = false;

  constructor(identity: SessionIdentity, connectionId: string, link: SessionLink, settings: SessionSettings) {
    this.#identity = identity;
    this.#connectionId = connectionId;
    this.#link = link;
    this.#settings = settings;
    const { scheduler, clock, idleTimeout, maxMessagesPerSecond } = settings;
    this.#protocol = new SessionProtocol(identity.sessionId, identity.organizationId, (message) => this.#send(message));
    this.#events = new EventQueue(scheduler, clock, (entities) => this.#protocol.tell(entities));
    this.#pause = new PauseWish(
      {
        pause: () => this.#protocol.pause(),
        resume: () => this.#protocol.resume(),
        resumableIn: () => this.#events.readyIn,
      },
      scheduler,
    );
    this.#allowed = new TokenBucket({ rate: maxMessagesPerSecond, burst: maxMessagesPerSecond * BURST });
    const bytes = maxMessagesPerSecond * MEAN_MESSAGE;
    this.#allowedBytes = new TokenBucket({ rate: bytes, burst: bytes * BURST });
    this.#received$
      .pipe(lift(shortEnough), decode(audioHookTypes), validate())
      .subscribe((outcome) => this.#settle(this.#protocol.receive(outcome)));
    this.#lastReceived = clock.now();
    this.#timers.add(repeating(scheduler, idleTimeout, () => this.#checkSilence()));
    this.#within(OPEN_TIMEOUT, () => this.#protocol.disconnect('error', `no open within ${OPEN_TIMEOUT} ms`));
  }

  /** Takes a message as received. */
  take(frame: RawFrame): void {
    if (this.#hasEnded) return;
    const now = this.#settings.clock.now();
    this.#lastReceived = now;
    const { maxMessagesPerSecond } = this.#settings;
    if (!this.#allowed.take(now)) {
      this.#refuseFlood(frame, `at most ${maxMessagesPerSecond} messages a second are allowed`);
    } else if (!this.#allowedBytes.take(now, frame.byteLength)) {
      this.#refuseFlood(frame, `at most ${maxMessagesPerSecond * MEAN_MESSAGE} bytes a second are allowed`);
    } else if (BEFORE_OPENED.includes(this.#protocol.state) && !this.#hasRoomFor(frame)) {
      this.#refuseFlood(
        frame,
        `at most ${MOST_EARLY.messages} messages, ${MOST_EARLY.bytes} bytes, before opened are allowed`,
      );
    } else {
      this.#received$.next(frame);
    }
  }

  /** The server stops: asks the client to close, and sees to it that the connection ends. */
  stop(): void {
    this.#protocol.disconnect('completed');
  }

  /** The connection is gone. */
  ended(closeCode: number): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#timers.unsubscribe();
    this.#deadline.unsubscribe();
    this.#events.stop();
    this.#pause.stop();
    this.#protocol.end();
    const how = this.#disconnect !== undefined ? 'disconnected' : this.#hasClosed ? 'closed' : 'lost';
    const end: SessionEnd = { type: 'ended', how, closeCode, disconnect: this.#disconnect };
    this.#media$.complete();
    this.#events$.next(end);
    this.#events$.complete();
    this.#frames$.complete();
    this.#settings.notice({ ...this.#who, ...end });
  }

  /** Who it is, for notices. */
  get #who(): SessionOfNotice {
    const { organizationId } = this.#identity;
    return { sessionId: this.#protocol.id, organizationId, connectionId: this.#connectionId };
  }

  #send(message: ServerMessage): void {
    if (message.type !== 'event') this.#events.spend();
    this.#link.send(JSON.stringify(message));
    if (message.type !== 'disconnect') return;
    const { reason, info } = (message as ServerMessage<'disconnect'>).parameters;
    this.#disconnect = { reason, info };
    if (!this.#protocol.tells) this.#events.stop();
    this.#within(this.#settings.closeTimeout, () => this.#link.close(CLOSE_CODES[reason], reason));
  }

  /** Until when the client has to do what comes next. There is one such time. */
  #within(time: number, act: () => void): void {
    this.#deadline.unsubscribe();
    this.#deadline = this.#settings.scheduler.schedule(act, time);
  }

  #checkSilence(): number {
    const { clock, idleTimeout } = this.#settings;
    const left = this.#lastReceived + idleTimeout - clock.now();
    if (left > 0) {
      this.#isDoubted = false;
      return left;
    }
    // Where it was this process that stood still, what has come meanwhile is read before the next look.
    if (!this.#isDoubted) {
      this.#isDoubted = true;
      return 1;
    }
    this.#protocol.disconnect('error', `nothing was received for ${idleTimeout} ms`);
    return idleTimeout;
  }

  /** Messages from before `opened` are kept, as long as the session is. */
  #hasRoomFor({ byteLength }: RawFrame): boolean {
    const bytes = this.#early.reduce((sum, early) => sum + early.byteLength, byteLength);
    return this.#early.length < MOST_EARLY.messages && bytes <= MOST_EARLY.bytes;
  }

  #refuseFlood(frame: RawFrame, allowed: string): void {
    this.#settle(reject(frame, 'audio-hook', 'rate', allowed));
    // One that goes on after it was told is cut: each of its messages costs something.
    if (!this.#protocol.disconnect('error', allowed)) this.#link.terminate();
  }

  /** Tells what became of a message, and does what it calls for. */
  #settle(outcome: AudioHookFrame | RejectedFrame): void {
    if (BEFORE_OPENED.includes(this.#protocol.state)) this.#early.push(outcome);
    this.#frames$.next(outcome);
    if (isRejected(outcome)) {
      this.#settings.notice({ type: 'rejected', ...this.#who, frame: outcome });
    } else if (outcome instanceof AudioFrame) {
      this.#media$.next(outcome);
      if (this.#pause.hear(outcome.samples)) this.#protocol.disconnect('error', 'there was audio long after pause');
      if (this.#isProbe && outcome.samples > 0) this.#protocol.disconnect('error', 'a probe has no audio');
    } else {
      this.#obey(outcome);
    }
  }

  #obey({ payloadType, decodedData }: ControlFrame): void {
    switch (payloadType) {
      case 'open':
        this.#deadline.unsubscribe();
        void this.#open(decodedData.parameters);
        return;
      case 'close':
        this.#hasClosed = true;
        this.#events$.next({ type: 'closing', reason: decodedData.parameters.reason });
        this.#media$.complete();
        if (this.#holders === 0) this.#close();
        else this.#within(HOLD_OPEN, () => this.#close());
        return;
      case 'paused':
        this.#events$.next({ type: 'paused' });
        return;
      case 'resumed':
      case 'discarded': {
        const { start, discarded } = decodedData.parameters;
        const span = { position: samplesOf(start), samples: samplesOf(discarded) };
        this.#events$.next({ type: payloadType, ...span });
        if (payloadType === 'resumed') this.#pause.insist();
        return;
      }
      case 'update':
        this.#language = decodedData.parameters.language;
        this.#events$.next({ type: 'updated', language: this.#language });
        return;
      case 'error': {
        const { code, message, retryAfter } = decodedData.parameters;
        const wait = retryAfter ? millisecondsOf(retryAfter) : undefined;
        if (code === 429) this.#events.holdFor(wait ?? USUAL_WAIT);
        this.#events$.next({ type: 'error', code, message, retryAfter: wait });
        return;
      }
      case 'ping': {
        const { rtt } = decodedData.parameters;
        if (rtt) this.#events$.next({ type: 'ping', rtt: millisecondsOf(rtt) });
      }
    }
  }

  async #open(open: OpenParameters): Promise<void> {
    const offer = this.#offerOf(open);
    let accepted: Acceptance | false;
    try {
      accepted = await this.#settings.accept(offer);
      if (accepted !== false) accepted = checkedAcceptance(accepted, offer.offered);
    } catch (cause) {
      this.#settings.notice({ type: 'failed', ...this.#who, cause });
      this.#protocol.disconnect('error', 'internal error');
      return;
    }
    if (accepted === false) this.#protocol.disconnect('unauthorized');
    // The client may have closed meanwhile, or be gone.
    if (accepted === false || this.#protocol.state !== 'opening') return;
    const { media, discardTo } = accepted;
    this.#language = offer.language;
    this.#isProbe = offer.isProbe;
    this.#settings.notice({ type: 'opened', ...this.#who, session: offer });
    if (!offer.isProbe) this.#settings.handOut(this.#sessionOf(offer, media));
    this.#protocol.open(media, {
      ...(this.#pause.isOn && { startPaused: true }),
      ...(discardTo !== undefined && { discardTo: streamDuration(discardTo) }),
      ...(open.supportedLanguages === true && { supportedLanguages: this.#settings.supportedLanguages }),
    });
  }

  #close(): void {
    if (this.#protocol.state !== 'closing') return;
    this.#events.flush();
    this.#protocol.closed();
    this.#within(this.#settings.closeTimeout, () => this.#link.close(1000, ''));
  }

  #offerOf(open: OpenParameters): SessionOffer {
    const { conversationId, participant, media, language, customConfig, continuedSessions } = open;
    return {
      id: this.#protocol.id,
      organizationId: this.#identity.organizationId,
      correlationId: this.#identity.correlationId,
      conversationId,
      participant,
      language: language ?? undefined,
      customConfig: customConfig ?? {},
      continuedSessions: continuedSessions ?? [],
      offered: media,
      isProbe: isNullUuid(conversationId) && isNullUuid(participant.id),
    };
  }

  #sessionOf(offer: SessionOffer, media: MediaParameter | undefined): AudioHookSession {
    const protocol = this.#protocol;
    const language = () => this.#language;
    const early = [...this.#early];
    return {
      ...offer,
      connectionId: this.#connectionId,
      media,
      get language() {
        return language();
      },
      get state() {
        return protocol.state;
      },
      get position() {
        return protocol.position;
      },
      frames$: new Observable((subscriber) => {
        for (const outcome of early) subscriber.next(outcome);
        return this.#frames$.subscribe(subscriber);
      }),
      media$: this.#media$.asObservable(),
      events$: this.#events$.asObservable(),
      flow: this.#pause.flow,
      pause: () => this.#pause.set(true),
      resume: () => this.#pause.set(false),
      disconnect: (reason = 'completed', info) => {
        oneOf('disconnect: reason', DISCONNECT_REASONS, reason);
        protocol.disconnect(reason, checkedInfo('disconnect', info));
      },
      reconnect: (info) => protocol.reconnect(checkedInfo('reconnect', info)),
      sendEvent: (entity) => protocol.tells && this.#events.add(entity),
      holdOpen: <T>() => this.#holdOpen<T>(),
    };
  }

  #holdOpen<T>(): MonoTypeOperatorFunction<T> {
    return (source) =>
      new Observable((subscriber) => {
        this.#holders += 1;
        subscriber.add(() => {
          this.#holders -= 1;
          if (this.#holders === 0) this.#close();
        });
        return source.subscribe(subscriber);
      });
  }
}

function shortEnough(frame: RawFrame): RawFrame | RejectedFrame {
  if (frame.isBinary || frame.byteLength <= LONGEST_TEXT) return frame;
  return reject(
    frame,
    'audio-hook',
    'oversize',
    `a JSON message has at most ${LONGEST_TEXT} bytes, this one ${frame.byteLength}`,
  );
}

/** What goes to the client is the entry that it offered. */
function checkedAcceptance(accepted: Acceptance, offered: readonly MediaParameter[]): Acceptance {
  optionsObject('audioHook: what accept gives', accepted);
  const { media, discardTo } = accepted;
  const chosen = media === undefined ? undefined : offered.find((offer) => sameMedia(offer, media));
  if (media !== undefined && chosen === undefined) {
    throw new TypeError('audioHook: accept must choose one of the offered media, or undefined');
  }
  if (discardTo !== undefined && !(Number.isSafeInteger(discardTo) && discardTo >= 0)) {
    const isNoNumber = typeof discardTo !== 'number';
    throw optionError('audioHook: discardTo', 'a whole number of samples from 0', discardTo, isNoNumber);
  }
  return { ...accepted, media: chosen };
}

/** A line of text, so that the message is not too long whatever an error has said. */
function checkedInfo(where: string, info: string | undefined): string | undefined {
  if (info === undefined) return undefined;
  if (typeof info !== 'string') throw optionError(`${where}: info`, 'a string', info, true);
  return printable(info);
}
