import { VirtualTimeScheduler } from 'rxjs';
import { RawFrame } from '../../operators/frame.ts';
import type { AudioHookNotice } from '../../src/genesys/audiohook/audio-hook-notice.ts';
import type { ServerMessage } from '../../src/genesys/audiohook/server-message.ts';
import { SessionConnection } from '../../src/genesys/audiohook/session-connection.ts';
import type { SessionSettings } from '../../src/genesys/audiohook/session-settings.ts';
import type { AudioHookSession } from '../../src/genesys/audiohook/session.ts';
import { driveTime } from '../../src/simulator/drive-time.ts';
import { clientMessage, CORRELATION, ORGANIZATION, SESSION } from './client-messages.ts';

const utf8 = new TextEncoder();

/** **A session without a socket, in virtual time**, and a client that says what the test wants. */
export class DrivenSession {
  readonly #time = new VirtualTimeScheduler();
  readonly connection: SessionConnection;
  /** All that was done to the link, and when: `'1000 pong'`, `'5000 close 1000'`, `'7000 terminate'`. */
  readonly log: string[] = [];
  readonly sent: ServerMessage[] = [];
  readonly notices: AudioHookNotice[] = [];
  readonly handedOut: AudioHookSession[] = [];
  /** What is done with a session as soon as it is handed out. */
  whenHandedOut: (session: AudioHookSession) => void = () => undefined;
  #seq = 0;
  #sequence = 0;

  constructor(settings: Partial<SessionSettings> = {}) {
    const time = this.#time;
    this.connection = new SessionConnection(
      { sessionId: SESSION, organizationId: ORGANIZATION, correlationId: CORRELATION },
      'c1',
      {
        send: (text) => {
          const message = JSON.parse(text) as ServerMessage;
          this.sent.push(message);
          this.#note(message.type);
        },
        close: (code, reason) => this.#note(`close ${code} ${reason}`.trim()),
        terminate: () => this.#note('terminate'),
      },
      {
        accept: ({ offered }) => ({ media: offered[0] }),
        supportedLanguages: [],
        maxMessagesPerSecond: 250,
        idleTimeout: 20_000,
        closeTimeout: 5_000,
        scheduler: time,
        clock: time,
        handOut: (session) => {
          this.handedOut.push(session);
          this.whenHandedOut(session);
        },
        notice: (notice) => this.notices.push(notice),
        ...settings,
      },
    );
  }

  get now(): number {
    return this.#time.now();
  }

  /** How many messages the client has sent. */
  get received(): number {
    return this.#sequence;
  }

  /** How many timers wait. */
  get timers(): number {
    return this.#time.actions.filter(({ closed }) => !closed).length;
  }

  /** The session, where it was handed out. */
  get session(): AudioHookSession {
    const [session] = this.handedOut;
    if (session === undefined) throw new Error('No session was handed out');
    return session;
  }

  /** The parameters of the last message that the client was sent. */
  get told(): unknown {
    return this.sent.at(-1)?.parameters;
  }

  /** Lets so many milliseconds pass, and promises settle. */
  async pass(milliseconds = 0): Promise<void> {
    await driveTime(this.#time, this.now + milliseconds);
  }

  /** The client sends a message as it should be, unless `members` say otherwise. */
  send(type: string, parameters?: object, members: Readonly<Record<string, unknown>> = {}): void {
    this.#seq += 1;
    const given = { serverseq: this.sent.length, ...(parameters && { parameters }), ...members };
    this.#take(utf8.encode(clientMessage(type, this.#seq, given)), false);
  }

  /** The client sends text that is no message. */
  sendText(text: string): void {
    this.#take(utf8.encode(text), false);
  }

  /** The client sends audio of so many bytes. */
  sendAudio(length = 2): void {
    this.#take(new Uint8Array(length), true);
  }

  /** The client opens the session, and the server has answered. */
  async open(parameters?: object): Promise<AudioHookSession> {
    this.send('open', parameters);
    await this.pass();
    return this.session;
  }

  #take(rawData: Uint8Array, isBinary: boolean): void {
    const { now } = this;
    this.connection.take(
      new RawFrame({
        rawData,
        isBinary,
        connectionId: 'c1',
        sequence: this.#sequence++,
        timestamp: now,
        receivedAt: now,
      }),
    );
  }

  #note(what: string): void {
    this.log.push(`${this.now} ${what}`);
  }
}
