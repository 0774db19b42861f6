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
  /** Closes with a code (RFC 6455 section 7.4). The marble `|` is `close(1000)`. */
  close: (code: number, reason = ''): PeerEvent => ({ peer: 'close', code, reason }),
  /** The TCP connection is gone: 1006, or, before the upgrade was answered, a connection that failed. The marble `#` says so by itself. */
  lose: (): PeerEvent => ({ peer: 'lose' }),
  /** Answers the upgrade with another status than 101; `retryAfter` in seconds, as in the header. */
  refuse: (status: number, retryAfter?: number): PeerEvent => ({ peer: 'refuse', status, retryAfter }),
  /** Falls silent, and stays connected: pings and the closing handshake are not answered from here on. */
  stall: (): PeerEvent => ({ peer: 'stall' }),
};
