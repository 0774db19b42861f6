import { describe, expect, it } from 'vitest';
import { startSimulator } from '../../src/simulator/index.ts';
import { startClient } from './client-process.ts';
import { WITH_FAULTS } from './examine.ts';
import { expectFlat, peakInWords } from './expect-flat.ts';
import type { SoakMessage, SoakSample } from './soak-main.ts';
import { SentTrails } from './trail.ts';

/** How many frames are sent. Ten million are an hour's worth: `npm run test:soak`. */
const FRAMES = Number(process.env['SOAK_FRAMES'] ?? 300_000);
/** The hour has so many minutes, however fast it passes. */
const MINUTES = 60;
/** Frames a second that every machine does: for the timeout only. */
const SLOWEST = 1_000;

/** Why a connection ended: its token expired, it was cut, or all was sent. */
type Ending = 'expired' | 'cut' | 'done';

const mostFiles = (samples: readonly SoakSample[]) => Math.max(...samples.map(({ files }) => files));

describe('an hour of traffic, as fast as it goes', () => {
  it(
    `is ${FRAMES} frames, with a token expired and a connection cut each minute, and leaves nothing behind`,
    { timeout: (FRAMES / SLOWEST + 120) * 1_000 },
    async () => {
      const minute = Math.floor(FRAMES / MINUTES);
      const sentTrails = new SentTrails();
      const endings: Ending[] = [];
      let sent = 0;
      const simulator = await startSimulator({
        rate: Infinity,
        ...WITH_FAULTS,
        poolSize: 128,
        onSent(frame) {
          sentTrails.add(frame);
          sent += 1;
          if (sent === FRAMES) {
            endings.push('done');
            simulator.closeAll(1000);
          } else if (sent % minute === 0) {
            endings.push('expired');
            simulator.revokeTokens();
            simulator.closeAll(1008, 'token expired');
          } else if (sent % minute === Math.floor(minute / 2)) {
            endings.push('cut');
            simulator.dropAll();
          }
        },
      });
      const client = await startClient<SoakMessage>('soak-main.ts', simulator, { SOAK_FRAMES: String(FRAMES) });
      expect(await client.ended).toBe(0);
      const { connections, tokens } = simulator.totals;
      await simulator.close();

      const told = client.messages.items;
      const samples = told.flatMap((message) => (message.kind === 'sample' ? [message.sample] : []));
      const warm = samples.slice(5, 10);
      const last = samples.slice(-5);
      const trails = told.flatMap((message) => (message.kind === 'connection' ? [message.trail] : []));
      const received = trails.reduce((sum, { count }) => sum + count, 0);
      const lost = trails.map(({ count }, connection) => sentTrails.sent(connection) - count);
      const totals = told.find((message) => message.kind === 'totals')!.totals;
      console.log(
        [
          `soak: ${received} of ${sent} frames, ${sent - received} lost at cuts, ${Math.round(received / totals.seconds)} a second`,
          `${totals.rejected} rejected; ${connections} connections, ${tokens} tokens`,
          `${peakInWords(warm)} after warm-up, ${peakInWords(last)} at the end`,
          `${mostFiles(warm)} and ${mostFiles(last)} open files`,
        ].join('; '),
      );

      // One connection at a time, so the client's are the simulator's in the same order. Each brought what it was sent, in
      // order, each frame with the outcome that it should have; only a cut may cost some, and those are the last.
      expect(connections).toBe(endings.length);
      expect(trails).toHaveLength(connections);
      for (const [connection, trail] of trails.entries()) {
        expect(sentTrails.hasBegunWith(connection, trail), `connection ${connection}`).toBe(true);
        if (endings[connection] !== 'cut') expect(lost[connection], `lost on connection ${connection}`).toBe(0);
      }
      expect(tokens).toBe(endings.filter((ending) => ending === 'expired').length + 1);
      // In = accepted + rejected = outcomes, wherever they are counted.
      const { frames, accepted, rejected, parsed, unaudited } = totals;
      expect({ frames, sum: accepted + rejected, parsed, unaudited }).toEqual({
        frames: received,
        sum: received,
        parsed: accepted,
        unaudited: 0,
      });
      expect(totals.left).toEqual([]);
      expectFlat(warm, last);
      // The token endpoint's connection may be kept alive, or not.
      expect(mostFiles(last)).toBeLessThanOrEqual(mostFiles(warm) + 1);
    },
  );
});
