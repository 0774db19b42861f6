import type { Clock, Timer } from '../clock.ts';
import { HEARTBEAT, socketClosing } from './channel-messages.ts';
import type { ClientLink } from './client-link.ts';

/** Options of {@link channelConnection}. */
export interface ChannelConnectionOptions {
  readonly clock: Clock;
  /** In milliseconds, as the other. */
  readonly heartbeatInterval: number;
  readonly closingNotice: number;
}

/** One connection to a channel. Once it is over, or half-open, nothing that is called here has an effect. */
export interface ChannelConnection {
  /** Its ordinal, from 0, counting those to all channels. */
  readonly ordinal: number;
  /** Whether what is sent still goes out. */
  readonly isAlive: boolean;
  /** See {@link ClientLink.send}. */
  send(text: string, event?: number): void;
  /** Closes it with a handshake. */
  close(code: number, reason: string): void;
  /** Announces that it will be closed, and calls `due` when the time is up. */
  announceClose(due: () => void): void;
  /** Breaks it off. */
  cut(): void;
  /** Makes it half-open. */
  mute(): void;
  /** The client is gone. */
  release(): void;
}

/** **A connection with its heartbeats**, one every `heartbeatInterval`, until it is over. */
export function channelConnection(
  ordinal: number,
  link: ClientLink,
  { clock, heartbeatInterval, closingNotice }: ChannelConnectionOptions,
): ChannelConnection {
  let isAlive = true;
  let heartbeat: Timer | undefined;
  let closing: Timer | undefined;

  const beat = (): void => {
    heartbeat = clock.schedule(() => {
      link.send(HEARTBEAT);
      beat();
    }, heartbeatInterval);
  };

  /** Ends it, unless it is over already. */
  const finish = (last: () => void): void => {
    if (!isAlive) return;
    isAlive = false;
    heartbeat?.unsubscribe();
    closing?.unsubscribe();
    last();
  };

  beat();
  return {
    ordinal,
    get isAlive() {
      return isAlive;
    },
    send: (text, event) => {
      if (isAlive) link.send(text, event);
    },
    close: (code, reason) => finish(() => link.close(code, reason)),
    announceClose: (due) => {
      if (!isAlive || closing) return;
      link.send(socketClosing(closingNotice));
      closing = clock.schedule(due, closingNotice);
    },
    cut: () => finish(() => link.cut()),
    mute: () => finish(() => link.mute()),
    release: () => finish(() => undefined),
  };
}
