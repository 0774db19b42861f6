import { createHash } from 'node:crypto';
import { startSimulator, type SentFrame } from 'rxframe/simulator';
import { describe, expect } from 'vitest';
import { WebSocket } from 'ws';
import { accessToken } from './access-token.ts';
import { it } from './browser-test.ts';

describe('the stages in a browser', () => {
  it('make of each frame of the simulated Genesys Cloud what the simulator expects', async ({ page, feed }) => {
    const sent: SentFrame[] = [];
    const simulator = await startSimulator({
      frames: 600,
      rate: Infinity,
      oversizeBytes: 200_000,
      script: [
        { at: 50, fault: 'truncated-json' },
        { at: 100, fault: 'schema-violation' },
        { at: 150, fault: 'wrong-checksum' },
        { at: 200, fault: 'unknown-type' },
        { at: 250, fault: 'oversize' },
      ],
      onSent: (frame) => sent.push(frame),
    });
    const recorded = page.evaluate(
      (url) =>
        record(
          rxframe
            .connect({ url })
            .pipe(
              operators.sizeGate({ maxBytes: 100_000 }),
              operators.decode(genesys.genesysTypes),
              operators.validate(),
              operators.checksum(),
            ),
          (outcome) => ({
            sequence: outcome.sequence,
            byteLength: outcome.byteLength,
            isBinary: outcome.isBinary,
            payloadType: outcome.payloadType,
            checksumValid: outcome.checksumValid,
            outcome: outcome.kind === 'rejected' ? outcome.reason : 'accepted',
          }),
        ),
      feed.url,
    );

    // The simulator wants a bearer token, which no browser can send: this test stands between, and passes messages on.
    const { socket } = await feed.next();
    const upstream = new WebSocket(simulator.streamUrl, {
      headers: { authorization: `Bearer ${await accessToken(simulator)}` },
    });
    upstream.on('message', (data: Buffer, binary) => socket.send(data, { binary }));
    upstream.on('close', (code) => socket.close(code));

    const { values, end } = await recorded;
    await simulator.close();
    expect(end).toEqual({ kind: 'complete' });
    expect(values).toHaveLength(600);
    expect(
      values.map(({ sequence, byteLength, isBinary, outcome }) => ({ sequence, byteLength, isBinary, outcome })),
    ).toEqual(
      sent.map(({ index, byteLength, isBinary, expected }) => ({
        sequence: index,
        byteLength,
        isBinary,
        outcome: expected,
      })),
    );
    expect(new Set(values.map(({ payloadType }) => payloadType))).toEqual(
      new Set(['interaction.update', 'telephony.media', 'keepalive', undefined]),
    );
    expect(values.some(({ checksumValid }) => checksumValid === true)).toBe(true);
    expect(values.filter(({ checksumValid }) => checksumValid === false)).toHaveLength(1);
  });

  it('work with a matrix of one’s own, its digests made without node:crypto', async ({ page, feed }) => {
    const recorded = page.evaluate((url) => {
      const types = operators.definePayloadTypes({
        order: operators.jsonType(
          { type: 'object', properties: { id: { type: 'integer' } }, required: ['id'] },
          {
            checksum: {
              expected: (order) => (order as { sha256?: string }).sha256,
              covers: (order) => new TextEncoder().encode(String(order.id)),
              digest: (bytes) => operators.sha256(bytes, 'base64'),
            },
          },
        ),
        picture: operators.binaryType({ firstByte: 0xff }),
      });
      const accepted$ = rxframe
        .connect({ url })
        .pipe(
          operators.sizeGate(),
          operators.decode(types),
          operators.validate(),
          operators.checksum(),
          operators.accepted(),
        );
      return record(accepted$, ({ payloadType, checksumValid }) => [payloadType, checksumValid]);
    }, feed.url);
    const { socket } = await feed.next();
    socket.send(JSON.stringify({ type: 'order', id: 42, sha256: createHash('sha256').update('42').digest('base64') }));
    socket.send(JSON.stringify({ type: 'order', id: 43, sha256: createHash('sha256').update('42').digest('base64') }));
    socket.send(JSON.stringify({ type: 'order', id: 44 }));
    socket.send(Uint8Array.of(0xff, 1));
    socket.close(1000);
    expect((await recorded).values).toEqual([
      ['order', true],
      ['order', undefined],
      ['picture', undefined],
    ]);
  });
});
