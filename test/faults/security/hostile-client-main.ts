import { readFileSync, writeFileSync } from 'node:fs';
import { defer, lastValueFrom, tap, type Observable } from 'rxjs';
import { sizeGate } from '../../../operators/size-gate.ts';
import { connect } from '../../../src/connection/connect.ts';
import { ownAddress, reach } from '../reach.ts';

/** What a client of a hostile server tells when it is done. */
export interface Told {
  /** The error with which it ended, in short; undefined where it completed. */
  readonly error: string | undefined;
  readonly outcomes: number;
  /** The most memory that it held above what it had before, in bytes. */
  readonly peak: number;
}

/** The most resident memory since the last reset, in bytes. */
const peakMemory = () => Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024;

const address = ownAddress();
const asked$: Observable<unknown> =
  process.env['ASK'] === 'token'
    ? defer(() => reach(address).token.token())
    : connect({ url: address.streamUrl }).pipe(sizeGate());

gc!();
writeFileSync('/proc/self/clear_refs', '5');
const before = peakMemory();

let outcomes = 0;
let error: string | undefined;
try {
  await lastValueFrom(asked$.pipe(tap(() => (outcomes += 1))), { defaultValue: undefined });
} catch (failure) {
  error = String(failure);
}

process.send!({ error, outcomes, peak: peakMemory() - before } satisfies Told);
process.disconnect();
