import type { AudioHookCallTotals } from '../../simulator/index.ts';
import type { Status } from '../terminal/status-line.ts';
import { secondsOf } from './seconds-of.ts';

/**
 * **What the live line of the calls shows.**
 *
 * @param wanted - how many calls there are to be
 * @param elapsed - since the start, in milliseconds
 */
export function callStatus(
  { sessions, audio, pacingError, rtt }: AudioHookCallTotals,
  wanted: number,
  elapsed: number,
): Status {
  return {
    state: `${sessions.open} open, ${sessions.ended} ended of ${Math.max(wanted, sessions.started)}`,
    colour: sessions.open === 0 ? 'yellow' : 'green',
    facts: [
      `${secondsOf(audio.samples)} of audio`,
      `${Math.round(audio.messages / (elapsed / 1_000))} frames/s`,
      `pacing p99 ${milliseconds(pacingError?.p99)}`,
      `rtt p99 ${milliseconds(rtt?.p99)}`,
    ],
  };
}

function milliseconds(value: number | undefined): string {
  return value === undefined ? '-' : `${value.toFixed(1)} ms`;
}
