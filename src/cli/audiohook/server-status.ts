import { counted } from '../terminal/counted.ts';
import type { Status } from '../terminal/status-line.ts';
import type { ServerTotals } from './server-totals.ts';

/** **What the live line of a server shows.** */
export function serverStatus(totals: ServerTotals): Status {
  const { throughput, bytes, rejected } = totals.meter.snapshot();
  return {
    state: totals.open.size === 0 ? 'waiting for sessions' : counted(totals.open.size, 'session'),
    colour: totals.open.size === 0 ? 'yellow' : 'green',
    facts: [
      `${Math.round(throughput)} frames/s`,
      `${(bytes / 1e6).toFixed(1)} MB`,
      `rejected ${rejected}`,
      `refused ${totals.refusals}`,
      `ended ${totals.sessions - totals.open.size}`,
    ],
  };
}
