/** Knows which pings have no pong yet. */
export interface PingLedger {
  /** How long the last round trip took, in milliseconds. */
  readonly rtt: number | undefined;
  /** Whether every ping has its pong. */
  readonly isEmpty: boolean;
  /** A ping with that number was sent. */
  add(seq: number): void;
  /** Whether a ping with that number waits for its pong. */
  has(seq: number): boolean;
  /** The pong to that number came; how long it took, in milliseconds, or `undefined` where there was no such ping. */
  take(seq: number): number | undefined;
}

/** **Measures round trips**, of any number of pings at a time. */
export function pingLedger(now: () => number): PingLedger {
  const sentAt = new Map<number, number>();
  let rtt: number | undefined;
  return {
    get rtt() {
      return rtt;
    },
    get isEmpty() {
      return sentAt.size === 0;
    },
    add: (seq) => void sentAt.set(seq, now()),
    has: (seq) => sentAt.has(seq),
    take: (seq) => {
      const time = sentAt.get(seq);
      if (time === undefined) return undefined;
      sentAt.delete(seq);
      rtt = now() - time;
      return rtt;
    },
  };
}
