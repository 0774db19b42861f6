import { connect } from '@nats-io/transport-node';
import type { Observable } from 'rxjs';
import { lease } from '../../src/jetstream/sharing/lease.ts';
import { members } from '../../src/jetstream/sharing/members.ts';
import { machineTime, type Part, type Told } from './coordination-process.ts';

const connection = await connect({
  servers: process.env['SERVER']!,
  maxReconnectAttempts: -1,
  reconnectTimeWait: 100,
});
const { name, ...part } = JSON.parse(process.env['PART']!) as Part;
const options = { connection, ttl: 1000, ...part };
const tell = (told: Omit<Told, 'at'>) => process.send?.({ ...told, at: machineTime() } satisfies Told);

const state$ = (name === 'lease' ? lease : members)(options as never) as Observable<boolean | readonly string[]>;
state$.subscribe({
  next: (value) => tell({ value }),
  error: (error: unknown) => tell({ error: (error as Error).name }),
});
