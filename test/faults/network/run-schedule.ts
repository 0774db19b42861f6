import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Subject, take, takeUntil, tap, timer } from 'rxjs';
import type { AuditRecord } from '../../../operators/audit-record.ts';
import { audit } from '../../../operators/audit.ts';
import { checksum } from '../../../operators/checksum.ts';
import { decode } from '../../../operators/decode.ts';
import { isRejected } from '../../../operators/frame.ts';
import { handover } from '../../../operators/handover.ts';
import { Meter } from '../../../operators/meter.ts';
import { metrics } from '../../../operators/metrics.ts';
import { reconnect } from '../../../operators/reconnect.ts';
import { sizeGate } from '../../../operators/size-gate.ts';
import { validate } from '../../../operators/validate.ts';
import { clientCredentials } from '../../../src/auth/client-credentials.ts';
import type { ConnectOptions } from '../../../src/connection/connect-options.ts';
import { connect } from '../../../src/connection/connect.ts';
import { nodeSocket } from '../../../src/connection/node-socket.ts';
import { genesysTypes } from '../../../src/genesys/payload-types.ts';
import { mulberry32 } from '../../../src/simulator/random.ts';
import { startSimulator, type SentFrame, type SimulatorOptions } from '../../../src/simulator/index.ts';
import { pinoAuditSink } from '../../../src/telemetry/pino-audit-sink.ts';
import { record, States, unsubscribeAll } from '../../connection/record.ts';
import { linesOf } from '../../telemetry/tally.ts';
import type { Account, Outcome } from './account.ts';
import { ClientSockets } from './client-sockets.ts';
import { startFaultProxy } from './fault-proxy.ts';
import type { Schedule } from './fault.ts';
import { MAX_BYTES, MAX_PAYLOAD } from './limits.ts';
import { leftSince, resources } from './resources.ts';
import { TRAFFIC } from './traffic.ts';

/** What is not part of a schedule. */
export interface RunOptions {
  readonly simulator?: SimulatorOptions;
  readonly connect?: Pick<ConnectOptions, 'heartbeat' | 'handshakeTimeout'>;
}

/** No run may take longer, in milliseconds. */
const DEADLINE = 40_000;

const NOTHING = Buffer.alloc(0);

/** How long the sockets may take to go when the stream is over, in milliseconds: more than the closing handshake. */
const GRACE = 2_000;

/** **Runs the real pipeline against the simulator through the proxy**, until the stream ends, and gives account of it. */
export async function runSchedule(schedule: Schedule, options: RunOptions = {}): Promise<Account> {
  const before = resources();
  const sent: SentFrame[][] = [];
  const simulator = await startSimulator({
    seed: schedule.seed,
    rate: schedule.rate ?? Infinity,
    ...TRAFFIC,
    ...options.simulator,
    onSent: (frame) => (sent[frame.connection] ??= []).push(frame),
  });
  const { loginUrl, clientId, clientSecret } = simulator;
  const proxy = await startFaultProxy(simulator.streamUrl, schedule.plans);
  const folder = mkdtempSync(join(tmpdir(), 'rxframe-faults-'));
  const destination = join(folder, 'audit.log');
  const sink = pinoAuditSink({ destination });
  const meter = new Meter();
  const state = new States();
  const sockets = new ClientSockets();
  const overlapping = schedule.handoversAfter.length > 0;
  const handover$ = new Subject<void>();
  const leftovers: string[] = [];
  let count = 0;

  const frames$ = connect({
    url: () => proxy.nextUrl(),
    token: clientCredentials({ loginUrl, clientId, clientSecret }),
    socket: nodeSocket({ agent: sockets }),
    heartbeat: { interval: 100, timeout: 150 },
    handshakeTimeout: 1_000,
    closeTimeout: 200,
    maxPayload: MAX_PAYLOAD,
    ...options.connect,
    state,
  }).pipe(
    reconnect({
      initialDelay: 5,
      maxDelay: 20,
      authDelay: 5,
      maxProtocolFailures: Infinity,
      random: mulberry32(schedule.seed),
      state,
    }),
  );
  const recording = record(
    (overlapping ? frames$.pipe(handover({ when$: handover$, overlap: 50 })) : frames$).pipe(
      sizeGate({ maxBytes: MAX_BYTES }),
      decode(genesysTypes),
      validate(),
      checksum(),
      metrics(meter),
      audit(sink),
      tap(() => {
        count += 1;
        if (schedule.handoversAfter.includes(count)) handover$.next();
      }),
      take(schedule.leaveAfter ?? Infinity),
      takeUntil(timer(DEADLINE).pipe(tap(() => leftovers.push(`the stream, after ${DEADLINE} ms`)))),
    ),
  );
  const end = await recording.ended;
  unsubscribeAll();

  const open = () => proxy.openSockets + sockets.open + simulator.openSockets;
  const deadline = performance.now() + GRACE;
  while (open() > 0 && performance.now() < deadline) await sleep(5);
  if (open() > 0) {
    leftovers.push(
      `${sockets.open} + ${proxy.openSockets} + ${simulator.openSockets} sockets of client, proxy, simulator`,
    );
  }
  const attempts = sockets.made.map(({ bytesRead }, n) => {
    const ordinal = simulator.upgradeRequests.findIndex(({ url }) => url.endsWith(`?attempt=${n}`));
    const { original = NOTHING, forwarded = NOTHING, wasReset = false } = proxy.passages.get(n) ?? {};
    return { sent: sent[ordinal] ?? [], original, forwarded, wasReset, read: bytesRead };
  });
  await Promise.all([sink.close(), proxy.close(), simulator.close()]);
  const log = readFileSync(destination, 'utf8');
  rmSync(folder, { recursive: true });
  sockets.destroy();

  return {
    attempts,
    outcomes: recording.values.items.map((outcome): Outcome => ({
      connectionId: outcome.connectionId,
      sequence: outcome.sequence,
      rawData: outcome.rawData,
      isBinary: outcome.isBinary,
      verdict: isRejected(outcome) ? outcome.reason : 'accepted',
    })),
    states: state.items,
    meter: meter.snapshot(),
    audit: linesOf(log) as AuditRecord[],
    auditLost: sink.lost,
    overlapping,
    end,
    leftovers: [...leftovers, ...(await leftSince(before))],
  };
}
