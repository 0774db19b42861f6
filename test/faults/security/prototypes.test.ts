import { of } from 'rxjs';
import { afterEach, describe, expect, it } from 'vitest';
import { accepted } from '../../../operators/accepted.ts';
import { auditRecord, type AuditRecord } from '../../../operators/audit-record.ts';
import { audit } from '../../../operators/audit.ts';
import { decode } from '../../../operators/decode.ts';
import { dedupe } from '../../../operators/dedupe.ts';
import { isRejected, RawFrame, RejectedFrame, type AnyFrame } from '../../../operators/frame.ts';
import { Meter } from '../../../operators/meter.ts';
import { metrics } from '../../../operators/metrics.ts';
import { jsonType } from '../../../operators/json-type.ts';
import { definePayloadTypes } from '../../../operators/payload-types.ts';
import { preselect } from '../../../operators/preselect.ts';
import { reconnect } from '../../../operators/reconnect.ts';
import { sizeGate } from '../../../operators/size-gate.ts';
import { validate } from '../../../operators/validate.ts';
import { clientCredentials } from '../../../src/auth/client-credentials.ts';
import { connect } from '../../../src/connection/connect.ts';
import { nodeSocket } from '../../../src/connection/node-socket.ts';
import { startSimulator } from '../../../src/simulator/index.ts';
import { pinoAuditSink } from '../../../src/telemetry/pino-audit-sink.ts';
import { record } from '../../connection/record.ts';
import { webSocketServer } from '../../connection/servers.ts';

/** Each name that an object has without having been given it. */
const INHERITED = Object.getOwnPropertyNames(Object.prototype);

/** The prototypes that a careless assignment could reach. */
const PROTOTYPES: readonly object[] = [
  Object.prototype,
  Array.prototype,
  Function.prototype,
  Map.prototype,
  Error.prototype,
  Buffer.prototype,
];
const members = () =>
  PROTOTYPES.flatMap((prototype) =>
    Reflect.ownKeys(prototype).map((key) => ({
      key,
      value: Object.getOwnPropertyDescriptor(prototype, key)?.value as unknown,
    })),
  );

const before = members();
afterEach(() => {
  const after = members();
  expect(after.map(({ key }) => key)).toEqual(before.map(({ key }) => key));
  expect(after.every(({ value }, at) => Object.is(value, before[at]!.value))).toBe(true);
});

/** Payloads that would pollute whoever merges them carelessly. */
const POISON = [
  '{"type":"note","__proto__":{"polluted":true}}',
  '{"type":"note","constructor":{"prototype":{"polluted":true}}}',
  '{"type":"note","text":{"__proto__":{"polluted":true},"a":[{"__proto__":{"polluted":true}}]}}',
  '{"__proto__":{"type":"note","polluted":true}}',
  '{"type":"note","hasOwnProperty":true,"toString":true,"valueOf":true,"toJSON":true,"then":true}',
  '["__proto__",{"polluted":true}]',
];

/** A matrix in which each of those names is a type. */
const types = definePayloadTypes(
  Object.fromEntries(['note', ...INHERITED].map((name) => [name, jsonType({ type: 'object' })])),
);

/** These payloads as frames of one connection. */
const framesOf = (payloads: readonly string[]) =>
  payloads.map(
    (payload, sequence) =>
      new RawFrame({
        rawData: Buffer.from(payload),
        isBinary: false,
        connectionId: '__proto__',
        sequence,
        timestamp: 0,
        receivedAt: 0,
      }),
  );

/** A stage of one's own, whose reason is what the payload says. */
const asSaid = (outcome: AnyFrame) =>
  isRejected(outcome) && outcome.reason === 'schema'
    ? new RejectedFrame(outcome, 'own', '__proto__', outcome.issues)
    : outcome;

describe('hostile payloads over a real socket', () => {
  it('change no prototype, and each is counted once, under its own name', async () => {
    const named = INHERITED.map((type) => JSON.stringify({ type }));
    const unknown = ['__defineGetter', 'prototype', 'isFrozen'].map((type) => JSON.stringify({ type }));
    const sent = [...POISON, ...named, ...unknown];
    const server = await webSocketServer((webSocket) => {
      for (const payload of sent) webSocket.send(payload);
      webSocket.close(1000);
    });
    const meter = new Meter();
    const records: AuditRecord[] = [];
    const { values, ended } = record(
      connect({ url: server.url }).pipe(
        sizeGate(),
        decode(types),
        dedupe({ identity: ({ payloadType, rawData }) => `${payloadType}${rawData.length}` }),
        validate(),
        metrics(meter),
        audit({ write: (line) => records.push(line) }, { payloads: true, digests: true }),
      ),
    );
    expect(await ended).toBe('complete');
    expect(values.items).toHaveLength(sent.length);

    const { byType, byReason, frames, accepted: passed, rejected } = meter.snapshot();
    expect([frames, passed, rejected]).toEqual([sent.length, 4 + INHERITED.length, 2 + unknown.length]);
    const counted = Object.fromEntries([['note', 4], ...INHERITED.map((name) => [name, 1] as const)]);
    expect(Object.entries(byType).sort()).toEqual(Object.entries(counted).sort());
    expect(byReason).toEqual({ 'unknown-type': 2 + unknown.length });
    expect(Object.getPrototypeOf(byType)).toBe(Object.prototype);
    // What was rejected before its type was known is there as base64.
    const recorded = records.map(({ payload }) =>
      typeof payload === 'string' ? Buffer.from(payload, 'base64').toString() : JSON.stringify(payload),
    );
    expect(recorded).toEqual(sent);
    expect(
      records.slice(POISON.length, POISON.length + INHERITED.length).map(({ payloadType }) => payloadType),
    ).toEqual(INHERITED);
  });

  it('named like what an object inherits are of no type that the matrix does not have', () => {
    const few = definePayloadTypes({ note: jsonType(true) }, { type: ['constructor', 'name'] });
    const paths = [
      '{"constructor":{"name":"note"}}',
      '{}',
      '{"__proto__":{"constructor":{"name":"note"}}}',
      '[]',
      '"note"',
    ];
    const kinds: string[] = [];
    of(...framesOf(paths))
      .pipe(decode(few))
      .subscribe(({ kind }) => kinds.push(kind));
    expect(kinds).toEqual(['decoded', 'rejected', 'rejected', 'rejected', 'rejected']);
    const kept: AnyFrame[] = [];
    of(...framesOf(['{"type":"__proto__"}', '{"type":"toString"}', '{"type":"note"}']))
      .pipe(preselect(types, ['__proto__']))
      .subscribe((frame) => kept.push(frame));
    expect(kept).toHaveLength(1);
  });

  it('give reasons of their own to a meter, which counts them as such', () => {
    const meter = new Meter();
    const rejecting = definePayloadTypes({ note: jsonType({ type: 'object', required: ['constructor'] }) });
    const records: AuditRecord[] = [];
    of(...framesOf(['{"type":"note"}', '{"type":"note","constructor":1}']))
      .pipe(decode(rejecting), validate())
      .subscribe((outcome) => {
        meter.record(asSaid(outcome));
        records.push(auditRecord(asSaid(outcome)));
      });
    expect(Object.entries(meter.snapshot().byReason)).toEqual([['__proto__', 1]]);
    expect(records.map(({ reason }) => reason)).toEqual(['__proto__', undefined]);
  });
});

describe('options out of hostile JSON', () => {
  const hostile = (more: object) =>
    Object.assign(JSON.parse('{"__proto__":{"polluted":true,"allowInsecureToken":true}}') as object, more) as never;
  const calls: Record<string, () => unknown> = {
    connect: () => connect(hostile({ url: 'wss://example.org' })),
    reconnect: () => reconnect(hostile({})),
    nodeSocket: () => nodeSocket(hostile({})),
    clientCredentials: () =>
      clientCredentials(hostile({ loginUrl: 'https://login.example', clientId: 'a', clientSecret: 'b' })),
    pinoAuditSink: () => pinoAuditSink(hostile({ destination: 2 })),
    sizeGate: () => sizeGate(hostile({})),
    validate: () => validate(hostile({})),
    dedupe: () => dedupe(hostile({})),
    Meter: () => new Meter(hostile({})),
    jsonType: () => jsonType(true, hostile({})),
  };

  it.for(Object.keys(calls))('are refused by %s, which takes no __proto__ for an option', (name) => {
    expect(calls[name]).toThrow(`${name}: there is no option "__proto__"`);
  });

  it('are refused by the simulator', async () => {
    await expect(startSimulator(hostile({}))).rejects.toThrow('__proto__');
  });

  it('are refused as headers that are no strings, and sent as any other where they are', async () => {
    const url = 'wss://example.org';
    expect(() => connect({ url, headers: hostile({}) })).toThrow('connect: headers must be an object of strings');
    const server = await webSocketServer((webSocket) => webSocket.close(1000));
    const headers = JSON.parse('{"__proto__":"a","constructor":"b","x-own":"c"}') as Record<string, string>;
    expect(await record(connect({ url: server.url, headers }).pipe(decode(types), accepted())).ended).toBe('complete');
    const { rawHeaders } = server.requests.items[0]!;
    const pairs = rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [`${name}: ${rawHeaders[at + 1]}`] : []));
    expect(pairs).toEqual(expect.arrayContaining(['__proto__: a', 'constructor: b', 'x-own: c']));
  });
});

describe('an answer with hostile JSON', () => {
  it('gives no token by what it inherits', async () => {
    const body = '{"__proto__":{"access_token":"abc","expires_in":3600}}';
    const simulator = await startSimulator({ tokenResponses: [{ status: 200, body }] });
    try {
      const { loginUrl, clientId, clientSecret } = simulator;
      await expect(clientCredentials({ loginUrl, clientId, clientSecret }).token()).rejects.toThrow(
        'without an access_token',
      );
    } finally {
      await simulator.close();
    }
  });
});
