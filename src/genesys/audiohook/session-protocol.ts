import { isRejected, reject, type RejectedFrame } from '../../../operators/frame.ts';
import { printable } from '../../../operators/printable.ts';
import { AudioFrame } from './audio-frame.ts';
import type { AudioHookFrame, AudioHookMessage, ControlFrame } from './audio-hook-frame.ts';
import type { EventEntity } from './event-entity.ts';
import { SAMPLE_BYTES, type MediaParameter } from './media.ts';
import type { DisconnectReason, ServerMessage, ServerMessageType, ServerParameters } from './server-message.ts';
import { samplesOf } from './stream-duration.ts';
import { isNullUuid } from './uuid.ts';

/**
 * Where a session is:
 *
 * | state | from | to |
 * |---|---|---|
 * | `preparing` | the upgrade | `open` |
 * | `opening` | `open` | `opened` |
 * | `active` | `opened`, `resumed` | |
 * | `paused` | `paused` | `resumed` |
 * | `closing` | `close` | `closed` |
 * | `closed` | `closed`, or the end of the connection | |
 * | `disconnecting` | `disconnect` | `close` |
 */
export type SessionState = 'preparing' | 'opening' | 'active' | 'paused' | 'closing' | 'closed' | 'disconnecting';

/** The states in which the session can still be disconnected: those before its end was begun. */
const OPEN_STATES: readonly SessionState[] = ['preparing', 'opening', 'active', 'paused'];
/** The states in which there is a stream. */
const STREAMING: readonly SessionState[] = ['active', 'paused'];

const STAGE = 'audio-hook';

/**
 * **The rules of an AudioHook session**, from the server's side: the sequence numbers, what may come in which state, what it is
 * answered with. No socket and no clock: it is given what was received, and calls `send` with what is to be sent.
 *
 * A message that the rules don't allow is rejected. Where the client can't be trusted to be where we think it is (a wrong number,
 * another session's id, a message that is none, audio where there must not be any) it is disconnected besides; a message that has
 * merely come at a time when it means nothing changes nothing.
 *
 * Source: `app/audiohook/src/server/serversessionimpl.ts` of the platform's `audiohook-reference-implementation`; what is different
 * from it stands where it is.
 */
export class SessionProtocol {
  readonly #send: (message: ServerMessage) => void;
  #id: string;
  readonly #organizationId: string;
  #state: SessionState = 'preparing';
  #media: MediaParameter | undefined;
  #position = 0;
  #seq = 0;
  #clientseq = 0;
  /** Whether audio is taken while the client has not answered a `disconnect`: what was under way is no violation. */
  #takesLastAudio = false;

  /**
   * @param id - the session, as the upgrade named it; the null UUID where the first message is to name it
   * @param organizationId - the organisation that the upgrade was let in for
   */
  constructor(id: string, organizationId: string, send: (message: ServerMessage) => void) {
    this.#id = id;
    this.#organizationId = organizationId.toLowerCase();
    this.#send = send;
  }

  get id(): string {
    return this.#id;
  }

  get state(): SessionState {
    return this.#state;
  }

  /** What was chosen; undefined before `open`, and where no audio is wanted. */
  get media(): MediaParameter | undefined {
    return this.#media;
  }

  /** Where the next sample will be in the stream, in samples of one channel. */
  get position(): number {
    return this.#position;
  }

  /**
   * Takes a message that has passed `validate`, or was rejected before, and gives its outcome. `ping` and `update` are answered; after
   * `open` it is the caller's turn to call `open`, after `close` to call `closed`.
   */
  receive(outcome: AudioHookMessage | RejectedFrame): AudioHookFrame | RejectedFrame {
    if (isRejected(outcome)) {
      this.#violated(`${outcome.stage}: ${outcome.issues[0]?.message ?? outcome.reason}`);
      return outcome;
    }
    return outcome.payloadType === 'audio' ? this.#takeAudio(outcome) : this.#takeControl(outcome);
  }

  /** Answers `open`; does nothing where the client has not waited for it. */
  open(media: MediaParameter | undefined, parameters: Omit<ServerParameters['opened'], 'media'>): void {
    if (this.#state !== 'opening') return;
    this.#media = media;
    this.#state = 'active';
    this.#answer('opened', { media: media === undefined ? [] : [media], ...parameters });
  }

  /** Answers `close`. */
  closed(): void {
    if (this.#state !== 'closing') return;
    this.#state = 'closed';
    this.#answer('closed', {});
  }

  /** Asks for a pause of the audio, also where it is paused already. */
  pause(): void {
    if (STREAMING.includes(this.#state)) this.#answer('pause', {});
  }

  /** Asks for the audio to go on. */
  resume(): void {
    if (STREAMING.includes(this.#state)) this.#answer('resume', {});
  }

  /** Asks the client to open a new session for the same conversation. */
  reconnect(info: string | undefined): void {
    if (STREAMING.includes(this.#state)) this.#answer('reconnect', { ...(info !== undefined && { info }) });
  }

  /** Whether an event may be sent now. */
  get tells(): boolean {
    return this.#streams || this.#state === 'closing';
  }

  /** Sends an event, where `tells`. */
  tell(entities: readonly EventEntity[]): void {
    this.#answer('event', { entities });
  }

  /** The connection is gone: nothing is sent any more, whatever is called. */
  end(): void {
    this.#state = 'closed';
  }

  /** Asks the client to close, and says whether that was still to be asked. */
  disconnect(reason: DisconnectReason, info?: string): boolean {
    if (!OPEN_STATES.includes(this.#state)) return false;
    this.#takesLastAudio = reason === 'completed' && this.#state === 'active';
    this.#state = 'disconnecting';
    this.#answer('disconnect', { reason, ...(info !== undefined && { info }) });
    return true;
  }

  /** Whether there is a stream, or the last of it is under way. */
  get #streams(): boolean {
    return STREAMING.includes(this.#state) || (this.#state === 'disconnecting' && this.#takesLastAudio);
  }

  #takeAudio(frame: Extract<AudioHookMessage, { readonly payloadType: 'audio' }>): AudioFrame | RejectedFrame {
    if (this.#state === 'paused' || !this.#streams) {
      return this.#refuse(frame, 'unexpected', `there must not be audio while the session is ${this.#state}`);
    }
    if (this.#media === undefined)
      return this.#refuse(frame, 'unexpected', 'there must not be audio: no media was chosen');
    const { format, channels } = this.#media;
    const unit = SAMPLE_BYTES[format] * channels.length;
    if (frame.byteLength % unit !== 0) {
      return this.#refuse(
        frame,
        'media',
        `${frame.byteLength} bytes are no multiple of ${unit}, a sample of each channel`,
      );
    }
    const audio = new AudioFrame(frame, frame.decodedData, { ...this.#media, position: this.#position });
    this.#position += audio.samples;
    return audio;
  }

  #takeControl(frame: ControlFrame): ControlFrame | RejectedFrame {
    const { id, seq, serverseq } = frame.decodedData;
    // One who was told to close may have lost count: it is let close. (The reference implementation is not so kind, and leaves a client
    // that sent one malformed message waiting for `closed`.)
    if (seq !== this.#clientseq + 1 && this.#state !== 'disconnecting') {
      return this.#refuse(frame, 'sequence', `seq must be ${this.#clientseq + 1}, got ${seq}`);
    }
    if (serverseq > this.#seq) {
      return this.#refuse(frame, 'sequence', `serverseq must be at most ${this.#seq}, got ${serverseq}`);
    }
    if (!this.#isOurs(id)) return this.#refuse(frame, 'identity', 'id must be that of the session');
    this.#clientseq = seq;
    switch (frame.payloadType) {
      case 'open':
        return this.#takeOpen(frame);
      case 'close':
        if (this.#state === 'closing' || this.#state === 'closed') return this.#ignore(frame);
        this.#state = 'closing';
        return frame;
      case 'ping':
        this.#answer('pong', {});
        return frame;
      case 'paused':
        if (!STREAMING.includes(this.#state)) return this.#ignore(frame);
        this.#state = 'paused';
        return frame;
      case 'resumed':
      case 'discarded':
        return this.#takeSpan(frame);
      case 'update':
        if (!STREAMING.includes(this.#state)) return this.#ignore(frame);
        this.#answer('updated', {});
        return frame;
      case 'error':
        return frame;
    }
  }

  #isOurs(id: string): boolean {
    if (this.#clientseq === 0 && isNullUuid(this.#id)) this.#id = id;
    return id.toLowerCase() === this.#id.toLowerCase();
  }

  #takeOpen(frame: Extract<ControlFrame, { readonly payloadType: 'open' }>): ControlFrame | RejectedFrame {
    if (this.#state !== 'preparing') return this.#ignore(frame);
    if (frame.decodedData.parameters.organizationId.toLowerCase() !== this.#organizationId) {
      this.disconnect('unauthorized');
      return reject(frame, STAGE, 'identity', 'organizationId is not the one of the upgrade');
    }
    this.#state = 'opening';
    return frame;
  }

  #takeSpan(
    frame: Extract<ControlFrame, { readonly payloadType: 'resumed' | 'discarded' }>,
  ): ControlFrame | RejectedFrame {
    if (!this.#streams) return this.#ignore(frame);
    const { start, discarded } = frame.decodedData.parameters;
    const end = samplesOf(start) + samplesOf(discarded);
    if (!Number.isSafeInteger(end))
      return this.#refuse(frame, 'media', 'start and discarded are too far in the stream');
    // Never back: what was received has its place.
    this.#position = Math.max(this.#position, end);
    if (frame.payloadType === 'resumed' && this.#state === 'paused') this.#state = 'active';
    return frame;
  }

  /** Rejects what means nothing in this state, and does no harm. */
  #ignore(frame: ControlFrame): RejectedFrame {
    return reject(frame, STAGE, 'unexpected', `${frame.payloadType} means nothing while the session is ${this.#state}`);
  }

  #refuse(frame: AudioHookMessage, reason: string, message: string): RejectedFrame {
    this.#violated(message);
    return reject(frame, STAGE, reason, message);
  }

  #violated(what: string): void {
    this.disconnect('error', printable(what));
  }

  #answer<Type extends ServerMessageType>(type: Type, parameters: ServerParameters[Type]): void {
    this.#seq += 1;
    this.#send({ version: '2', type, id: this.#id, seq: this.#seq, clientseq: this.#clientseq, parameters });
  }
}
