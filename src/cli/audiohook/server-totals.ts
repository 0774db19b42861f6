import { Meter } from '../../../operators/meter.ts';
import type { Refusal } from './server-event.ts';
import type { SessionTally } from './session-tally.ts';

/** **What a server has met so far.** */
export class ServerTotals {
  /** The messages of all sessions that were opened. */
  readonly meter = new Meter();
  readonly refused = new Map<Refusal['reason'], number>();
  /** The sessions that are open, by their connections: two may have the same id. */
  readonly open = new Map<string, SessionTally>();
  /** The probes that are open, by their connections. */
  readonly openProbes = new Set<string>();
  sessions = 0;
  probes = 0;
  /** Connections that were let in and ended before a session was opened. */
  neverOpened = 0;
  /** Sessions of which a message did not give one outcome: a defect. */
  unbalanced = 0;
  audioMessages = 0;
  audioBytes = 0;
  /** Of one channel each. */
  audioSamples = 0;
  transcripts = 0;
  recorded = 0;
  failedRecordings = 0;

  /** Whether every message gave one outcome, and every recording has all that was sent. */
  get isWhole(): boolean {
    return this.unbalanced === 0 && this.failedRecordings === 0;
  }

  get refusals(): number {
    return [...this.refused.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Takes note that a connection has ended, and gives what its session brought; undefined for a probe, and where none was opened. */
  ended(connectionId: string): SessionTally | undefined {
    const tally = this.open.get(connectionId);
    if (!this.open.delete(connectionId) && !this.openProbes.delete(connectionId)) this.neverOpened += 1;
    return tally;
  }

  /** Takes over what an ended session has brought. */
  add(tally: SessionTally): void {
    if (!tally.outcomes.isBalanced) this.unbalanced += 1;
    this.audioMessages += tally.audioMessages;
    this.audioBytes += tally.audioBytes;
    this.audioSamples += tally.audioSamples;
    this.transcripts += tally.transcripts;
  }
}
