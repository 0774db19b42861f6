import { optionError, positiveInteger } from '../../operators/options.ts';

/** What the peer of a {@link marbleSocket} does at one moment. Made by {@link peer}. */
export type PeerEvent =
  | { readonly peer: 'open' | 'ping' | 'lose' | 'stall' }
  | { readonly peer: 'close'; readonly code: number; readonly reason: string }
  | { readonly peer: 'refuse'; readonly status: number; readonly retryAfter: number | undefined };

/** **What a server may do besides sending messages**: values for the marbles of {@link marbleSocket}. */
export const peer = {
  /** Accepts the upgrade. The marble `o` says so by itself. */
  open: (): PeerEvent => ({ peer: 'open' }),
  /** Pings; the socket answers by itself. The marble `p` says so by itself. */
  ping: (): PeerEvent => ({ peer: 'ping' }),
  /**
   * Closes with a code that may be sent (RFC 6455 section 7.4). The marble `|` is `close(1000)`.
   *
   * @throws RangeError where the code is none: 1000 to 4999, but for 1005, 1006 and 1015, which stand for no code
   */
  close(code: number, reason = ''): PeerEvent {
    if (!Number.isInteger(code) || code < 1000 || code > 4999 || [1005, 1006, 1015].includes(code)) {
      throw optionError('peer.close: code', 'a close code that may be sent (RFC 6455 section 7.4)', code);
    }
    return { peer: 'close', code, reason };
  },
  /** The TCP connection is gone: 1006, or, before the upgrade was answered, a connection that failed. The marble `#` says so by itself. */
  lose: (): PeerEvent => ({ peer: 'lose' }),
  /**
   * Answers the upgrade with another status than 101; `retryAfter` in seconds, as in the header.
   *
   * @throws RangeError where the status is none, from 200 to 599, or the seconds are no positive integer
   */
  refuse(status: number, retryAfter?: number): PeerEvent {
    if (!Number.isInteger(status) || status < 200 || status > 599) {
      throw optionError('peer.refuse: status', 'an integer from 200 to 599', status);
    }
    if (retryAfter !== undefined) positiveInteger('peer.refuse: retryAfter', retryAfter);
    return { peer: 'refuse', status, retryAfter };
  },
  /** Falls silent, and stays connected: pings and the closing handshake are not answered from here on. Only `lose` may follow. */
  stall: (): PeerEvent => ({ peer: 'stall' }),
};
