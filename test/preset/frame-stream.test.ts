import { lastValueFrom, take, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { AuditRecord } from '../../operators/audit-record.ts';
import { Meter } from '../../operators/meter.ts';
import { binaryType } from '../../operators/binary-type.ts';
import { jsonType } from '../../operators/json-type.ts';
import { definePayloadTypes } from '../../operators/payload-types.ts';
import { frameStream, type FrameStreamOptions } from '../../src/frame-stream.ts';
import type { SentFrame, Simulator } from '../../src/simulator/index.ts';
import { record, States } from '../connection/record.ts';
import { settle } from '../connection/servers.ts';
import { start } from '../simulator/plain-client.ts';

const credentials = ({ loginUrl, streamUrl, clientId, clientSecret }: Simulator) => ({
  loginUrl,
  streamUrl,
  clientId,
  clientSecret,
});

describe('frameStream', () => {
  it('gives each frame that the server sent as one outcome, in order, over reconnections; meter and audit log agree', async () => {
    const sent: SentFrame[] = [];
    const simulator = await start({
      rate: Infinity,
      frames: 400,
      badRate: 0.2,
      oversizeBytes: 5 * 1024 * 1024 + 1,
      script: [
        { at: 150, connection: 0, drop: true },
        { at: 250, connection: 1, close: 1013 },
      ],
      onSent: (frame) => sent.push(frame),
    });
    const records: AuditRecord[] = [];
    const meter = new Meter();
    const stream = frameStream({
      ...credentials(simulator),
      meter,
      audit: { write: (entry) => records.push(entry) },
      reconnect: { initialDelay: 1 },
    });
    const [outcomes, frames, rejected] = await Promise.all([
      lastValueFrom(stream.outcomes$.pipe(toArray())),
      lastValueFrom(stream.frames$.pipe(toArray())),
      lastValueFrom(stream.rejected$.pipe(toArray())),
    ]);

    const expected = sent.map((frame) => frame.expected);
    expect(sent).toHaveLength(150 + 250 + 400);
    expect(outcomes.map((outcome) => (outcome.kind === 'rejected' ? outcome.reason : 'accepted'))).toEqual(expected);
    expect(outcomes.map(({ sequence }) => sequence)).toEqual(sent.map(({ index }) => index));
    expect(frames).toEqual(outcomes.filter(({ kind }) => kind === 'parsed'));
    expect(rejected).toEqual(outcomes.filter(({ kind }) => kind === 'rejected'));
    expect(records.map(({ frameId }) => frameId)).toEqual(outcomes.map(({ frameId }) => frameId));
    expect(records.map(({ outcome, reason }) => reason ?? outcome)).toEqual(expected);
    expect(meter.snapshot()).toMatchObject({
      frames: 800,
      accepted: frames.length,
      rejected: rejected.length,
      bytes: simulator.totals.bytes,
    });
    expect(simulator.totals).toMatchObject({ connections: 3, tokens: 1 });
  });

  it('shares one connection, which opens with the first subscription and closes with the last', async () => {
    const simulator = await start({ rate: 1000 });
    const stream = frameStream(credentials(simulator));
    const states = new States();
    stream.state$.subscribe(states.next);
    expect(simulator.totals.connections).toBe(0);

    const frames = record(stream.frames$);
    const outcomes = record(stream.outcomes$);
    await frames.values.until(5);
    expect(simulator.openSockets).toBe(1);
    frames.subscription.unsubscribe();
    const count = outcomes.values.items.length;
    await outcomes.values.until(count + 5);
    expect(simulator.totals.connections).toBe(1);

    outcomes.subscription.unsubscribe();
    await states.reach('closed');
    await settle(() => simulator.openSockets === 0);
    expect(simulator.openSockets).toBe(0);
    expect(states.statuses).toEqual(['connecting', 'open', 'closing', 'closed']);
  });

  it('tells a late subscriber the state that holds', async () => {
    const simulator = await start({ rate: 1000 });
    const stream = frameStream(credentials(simulator));
    await record(stream.frames$).values.until(1);
    expect(await lastValueFrom(stream.state$.pipe(take(1)))).toMatchObject({ status: 'open' });
  });

  it('gives snapshots of its own meter', async () => {
    const simulator = await start({ rate: Infinity, frames: 50 });
    const stream = frameStream(credentials(simulator));
    await lastValueFrom(stream.outcomes$);
    const snapshot = await lastValueFrom(stream.metrics$.pipe(take(1)));
    expect(snapshot).toMatchObject({ frames: 50, accepted: 50, rejected: 0, integrityRate: 1 });
    expect(snapshot.latency?.max).toBeGreaterThan(0);
  });

  it('fetches a new token when the old one is refused, and goes on', async () => {
    const simulator = await start({ rate: Infinity, script: [{ at: 10, connection: 0, close: 1012 }], frames: 20 });
    const stream = frameStream({ ...credentials(simulator), reconnect: { initialDelay: 1, authDelay: 1 } });
    const states = new States();
    stream.state$.subscribe((state) => {
      if (state.status === 'closed' && states.statuses.filter((status) => status === 'closed').length === 0) {
        simulator.revokeTokens();
      }
      states.next(state);
    });
    const outcomes = await lastValueFrom(stream.outcomes$.pipe(toArray()));
    expect(outcomes).toHaveLength(30);
    expect(simulator.totals).toMatchObject({ tokens: 2, connections: 2, refused: 1 });
    expect(states.items.filter(({ status }) => status === 'waiting')).toMatchObject([
      { failure: 'transient' },
      { failure: 'auth' },
    ]);
  });

  it('takes a matrix of one’s own, and the options of the parts', async () => {
    const simulator = await start({ rate: Infinity, frames: 100 });
    const keepalive = jsonType({ type: 'object', properties: { type: { const: 'keepalive' } }, required: ['type'] });
    const stream = frameStream({
      ...credentials(simulator),
      types: definePayloadTypes({ keepalive, 'telephony.media': binaryType({ firstByte: 0x80 }) }),
      sizeGate: { maxBytes: 1000 },
    });
    const outcomes = await lastValueFrom(stream.outcomes$.pipe(toArray()));
    const reasons = new Set(
      outcomes.map((outcome) => (outcome.kind === 'rejected' ? outcome.reason : outcome.payloadType)),
    );
    expect(reasons).toEqual(new Set(['oversize', 'unknown-type', 'keepalive', 'telephony.media']));
  });

  it('finds the hosts of a region by its name or its domain', () => {
    const options = { clientId: 'id', clientSecret: 'secret' };
    expect(() => frameStream({ ...options, env: 'eu-central-1' })).not.toThrow();
    expect(() => frameStream({ ...options, env: 'mypurecloud.de' })).not.toThrow();
  });

  it.each<[object, string]>([
    [{}, 'TypeError: frameStream: env must be a region, where loginUrl is not given'],
    [{ loginUrl: 'https://x' }, 'TypeError: frameStream: env must be a region, where streamUrl is not given'],
    [
      { env: 'mars' },
      'RangeError: frameStream: env must be a region of Genesys Cloud or its domain (us-east-1 or mypurecloud.com, ',
    ],
    [{ env: 'eu-central-1', clientId: '' }, 'RangeError: clientCredentials: clientId must be a non-empty string'],
    [{ env: 'eu-central-1', sizegate: {} }, 'TypeError: frameStream: there is no option "sizegate"; there are env, '],
    [{ env: 'eu-central-1', streamUrl: 'ws://example.org' }, 'InsecureUrlError: connect: a token '],
    [
      { env: 'mars', loginUrl: 'https://x', streamUrl: 'wss://x' },
      'RangeError: frameStream: env must be a region of Genesys Cloud or its domain (us-east-1 or mypurecloud.com, ',
    ],
    [{ env: 'eu-central-1', scopes: '' }, 'TypeError: clientCredentials: scopes must be an array of strings, got ""'],
    [{ env: 'eu-central-1', scopes: 0 }, 'TypeError: clientCredentials: scopes must be an array of strings, got 0'],
    [{ env: 'eu-central-1', connection: 5 }, 'TypeError: frameStream: connection must be an object, got 5'],
    [{ env: 'eu-central-1', connection: [] }, 'TypeError: frameStream: connection must be an object, got an array'],
    [{ env: 'eu-central-1', reconnect: true }, 'TypeError: frameStream: reconnect must be an object, got true'],
    [{ env: 'eu-central-1', reconnect: null }, 'TypeError: frameStream: reconnect must be an object, got null'],
    [
      { env: 'eu-central-1', audit: { write: () => undefined }, auditRecord: [] },
      'TypeError: audit: options must be an object, got an array',
    ],
    [
      { env: 'eu-central-1', auditRecord: { digests: true } },
      'TypeError: frameStream: auditRecord is for audit, which is not given',
    ],
    [
      { env: 'eu-central-1', streamUrl: 'https://example.org' },
      'UrlError: frameStream: streamUrl must start with wss:// or ws://, got https://',
    ],
    [{ env: 'eu-central-1', types: {} }, 'TypeError: decode: types must be made by definePayloadTypes()'],
  ])('refuses %j at the call', (options, message) => {
    const all = { clientId: 'id', clientSecret: 'secret', ...options } as FrameStreamOptions;
    expect(() => frameStream(all)).toThrow(expect.toSatisfy((error) => String(error).startsWith(message)));
  });
});
