import { describe, expect, it } from 'vitest';
import { marbles } from '../../marble-tests/marbles.ts';
import { reconnect, type ReconnectOptions } from '../../operators/reconnect.ts';
import { connect, type SocketFactory } from '../../src/index.ts';
import { marbleSocket } from '../../src/testing/index.ts';
import { mulberry32 } from '../../src/simulator/random.ts';
import { FAULT_SEED } from './seed.ts';

const CLIENTS = 1_000;

/** When they are all cut at once, in milliseconds. */
const CUT = 60_000;

/** The times of all attempts after the cut, in milliseconds from it, until each client is connected again. */
function attemptsAfterCut(outage: number, options: ReconnectOptions): number[] {
  const attempts: number[] = [];
  const random = mulberry32(FAULT_SEED);
  marbles(({ scheduler, at }) => {
    const socket: SocketFactory = {
      scheduler,
      sendsHeaders: true,
      pings: true,
      open(request, events) {
        const now = scheduler.now();
        if (now > 0) attempts.push(now - CUT);
        const life = now === 0 ? `o ${CUT - 1}ms #` : now - CUT < outage ? '#' : 'o';
        return marbleSocket(scheduler, life).open(request, events);
      },
    };
    const client$ = connect({ url: 'wss://example.org/feed', socket, heartbeat: false }).pipe(
      reconnect({ random, ...options }),
    );
    const clients = Array.from({ length: CLIENTS }, () => client$.subscribe());
    at(CUT + outage + 120_000, () => clients.forEach((client) => client.unsubscribe()));
  })();
  return attempts;
}

/** How many attempts fall into each interval of that length, from the cut to the last of them. */
function histogram(attempts: readonly number[], interval: number): number[] {
  const counts = Array.from({ length: Math.floor(Math.max(...attempts) / interval) + 1 }, () => 0);
  for (const time of attempts) counts[Math.floor(time / interval)]! += 1;
  return counts;
}

function peak(counts: readonly number[]): { busiest: number; mean: number; ratio: number } {
  const busiest = Math.max(...counts);
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return { busiest, mean, ratio: busiest / mean };
}

function print(what: string, counts: readonly number[]): void {
  const { busiest, mean, ratio } = peak(counts);
  const shown = counts.length > 30 ? [...counts.slice(0, 30), '…'] : counts;
  console.log(
    `storm, seed ${FAULT_SEED}, ${what}: busiest ${busiest}, mean ${mean.toFixed(1)}, ratio ${ratio.toFixed(2)}: ${shown.join(' ')}`,
  );
}

describe(`${CLIENTS} clients that are cut at once`, () => {
  it('come back with no peak, where the server is there again', () => {
    const attempts = attemptsAfterCut(0, {});
    expect(attempts).toHaveLength(CLIENTS);
    const [bySecond, byTenth] = [histogram(attempts, 1_000), histogram(attempts, 100)];
    print('server there again, by second', bySecond);
    print('server there again, by tenth of a second', byTenth);
    expect(peak(bySecond).ratio).toBeLessThanOrEqual(3);
    expect(peak(byTenth).ratio).toBeLessThanOrEqual(3);
  });

  it('try with no peak while the server is gone for a minute, where the first wait is up to 10 s', () => {
    const bySecond = histogram(attemptsAfterCut(60_000, { initialDelay: 10_000 }), 1_000);
    print('server gone for 60 s, initialDelay 10 s, by second', bySecond);
    expect(peak(bySecond).ratio).toBeLessThanOrEqual(3);
  });

  it('by default try at most twice each in the first second of an outage, and less from second to second', () => {
    const bySecond = histogram(attemptsAfterCut(60_000, {}), 1_000);
    print('server gone for 60 s, by second', bySecond);
    const [first = 0, , third = 0, , , , , eighth = 0] = bySecond;
    expect(first).toBe(Math.max(...bySecond));
    expect(first).toBeLessThan(2 * CLIENTS);
    expect(third).toBeLessThan(first / 1.5);
    expect(eighth).toBeLessThan(first / 4);
  });
});
