import { describe, expect, it } from 'vitest';
import { startSimulator } from '../../src/simulator/index.ts';
import { startClient } from './client-process.ts';
import { WITH_FAULTS } from './examine.ts';
import { expectFlat, peakInWords } from './expect-flat.ts';
import type { SlowConsumerReport } from './slow-consumer-main.ts';
import { tcpQueues, type TcpQueues } from './tcp-queues.ts';
import { SentTrails } from './trail.ts';

/** For how long the consumer is too slow. With fewer than 40 the system's buffers are not full early enough. */
const SECONDS = Number(process.env['SLOW_SECONDS'] ?? 300);
/** What the consumer takes for a frame, in milliseconds. */
const PAUSE = 5;
/** Ten times what it can take, in frames a second. */
const RATE = (10 * 1_000) / PAUSE;
/** How many frames it takes at full speed in the end, beyond those that waited. */
const MORE = 2_000;

/** Both ends at one moment. */
interface Sample extends SlowConsumerReport, TcpQueues {
  /** How many frames were handed to the simulator's socket. */
  readonly sent: number;
}

/** The most frames that were between the simulator and the consumer's result. */
const mostOnTheWay = (samples: readonly Sample[]) => Math.max(...samples.map(({ sent, count }) => sent - count));

describe('a consumer that is ten times too slow', () => {
  it(
    `stops the sender on the wire for ${SECONDS} s, in flat memory, and loses nothing`,
    { timeout: (SECONDS + 60) * 1_000 },
    async () => {
      const trails = new SentTrails();
      const simulator = await startSimulator({
        rate: RATE,
        ...WITH_FAULTS,
        payloadBytes: { min: 1024, max: 1024 },
        onSent: trails.add,
      });
      const port = Number(new URL(simulator.streamUrl).port);
      const client = await startClient<SlowConsumerReport>('slow-consumer-main.ts', simulator, {
        PAUSE: String(PAUSE),
      });

      const samples: Sample[] = [];
      while (samples.length < SECONDS) {
        const told = await client.messages.until(samples.length + 1);
        samples.push({ ...told, sent: simulator.totals.frames, ...tcpQueues(port) });
      }

      client.child.send('hurry');
      const waiting = simulator.totals.frames;
      await client.messages.find(({ count }) => count >= waiting + MORE);
      simulator.closeAll(1000);
      const whole = await client.messages.find(({ completed }) => completed);
      expect(await client.ended).toBe(0);
      const { frames, connections } = simulator.totals;
      await simulator.close();

      const fifth = Math.floor(SECONDS / 5);
      const second = samples.slice(fifth, 2 * fifth);
      const last = samples.slice(-fifth);
      const steady = samples.slice(fifth);
      const stopped = steady.filter(({ unsent, unread }) => unsent > 0 && unread > 0);
      const [from, to] = [steady[0]!, steady.at(-1)!];
      console.log(
        [
          `slow consumer: ${to.count} frames in ${SECONDS} s, ${to.releases} pauses, then ${whole.count - to.count} at once`,
          `${peakInWords(second)} in the second fifth, ${peakInWords(last)} in the last`,
          `${mostOnTheWay(second)} and ${mostOnTheWay(last)} frames on their way`,
          `the sender stopped at ${stopped.length} of ${steady.length} looks`,
        ].join('; '),
      );

      // Nothing lost, nothing twice, in order, each with the outcome that it should have.
      expect(whole.count).toBe(frames);
      expect(trails.hasBegunWith(0, whole)).toBe(true);
      // One connection all the time: the heartbeat left it in peace.
      expect(connections).toBe(1);
      // The sender was stopped, and sent no more than was taken: what is between the two fills, and then stays.
      expect(stopped.length).toBeGreaterThan(0.9 * steady.length);
      expect(to.sent - from.sent).toBeLessThan((RATE * steady.length) / 5);
      expect(mostOnTheWay(last)).toBeLessThanOrEqual(1.25 * mostOnTheWay(second));
      expectFlat(second, last);
    },
  );
});
