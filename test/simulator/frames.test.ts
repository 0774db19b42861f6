import { describe, expect, it } from 'vitest';
import type { FrameFault, SentFrame } from '../../src/simulator/index.ts';
import { judge } from './judge.ts';
import { allMessages, connected, start, type Message } from './plain-client.ts';

const isSame = (left: readonly Message[], right: readonly Message[]): boolean =>
  left.length === right.length &&
  left.every(({ data, isBinary }, index) => isBinary === right[index]!.isBinary && data.equals(right[index]!.data));

describe('the frames', () => {
  it('are the same bytes for the same seed, faults included', async () => {
    const options = { seed: 42, rate: Infinity, frames: 300, badRate: 0.2, oversizeBytes: 20_000 };
    const first = await allMessages(await start(options));
    const second = await allMessages(await start(options));
    expect(first).toHaveLength(300);
    expect(isSame(first, second)).toBe(true);
  });

  it('are other bytes for another seed, and on the next connection of the same one', async () => {
    const simulator = await start({ seed: 2, rate: Infinity, frames: 50 });
    const first = await allMessages(simulator);
    const next = await allMessages(simulator);
    const other = await allMessages(await start({ seed: 3, rate: Infinity, frames: 50 }));
    const seen = new Set([...first, ...next, ...other].map(({ data }) => data.toString('latin1')));
    // Two keepalives of the same place are alike whatever the seed.
    const keepalives = [...first, ...next, ...other].filter(({ data }) => data.includes('"keepalive","timestamp"'));
    expect(seen.size).toBeGreaterThanOrEqual(150 - keepalives.length);
    expect(isSame(first, next)).toBe(false);
    expect(isSame(next, other)).toBe(false);
  });

  it('come again from the first on after poolSize frames, and never where it is Infinity', async () => {
    const pooled = await allMessages(await start({ rate: Infinity, frames: 30, poolSize: 10 }));
    const endless = await allMessages(await start({ rate: Infinity, frames: 1030, poolSize: Infinity }));
    expect(isSame(pooled.slice(0, 10), pooled.slice(10, 20))).toBe(true);
    expect(isSame(pooled.slice(0, 10), endless.slice(0, 10))).toBe(true);
    expect(new Set(endless.map(({ data }) => data.toString('latin1'))).size).toBe(1030);
  });

  it('are 70 % updates, 25 % media and 5 % keepalives, of the sizes and the variety documented', async () => {
    const records: SentFrame[] = [];
    const simulator = await start({
      rate: Infinity,
      frames: 4000,
      poolSize: 4000,
      onSent: (record) => records.push(record),
    });
    await allMessages(simulator);
    const updates = records.filter(({ payloadType }) => payloadType === 'interaction.update');
    const media = records.filter(({ payloadType }) => payloadType === 'telephony.media');
    const keepalives = records.filter(({ payloadType }) => payloadType === 'keepalive');
    expect(updates.length / 4000).toBeCloseTo(0.7, 1);
    expect(media.length / 4000).toBeCloseTo(0.25, 1);
    expect(keepalives.length / 4000).toBeCloseTo(0.05, 1);
    expect(updates.every(({ byteLength }) => byteLength >= 300 && byteLength <= 4096)).toBe(true);
    expect(media.every(({ byteLength, isBinary }) => isBinary && byteLength >= 321 && byteLength <= 3201)).toBe(true);
    expect(simulator.totals.bytes / 4000).toBeGreaterThan(1200);
    expect(simulator.totals.bytes / 4000).toBeLessThan(1500);

    const texts = updates.map(({ data }) => data.toString());
    const share = (test: (text: string) => boolean): number => texts.filter(test).length / texts.length;
    expect(share((text) => text.startsWith('{"type":"interaction.update"'))).toBeCloseTo(0.5, 1);
    expect(share((text) => 'digest' in (JSON.parse(text) as object))).toBeCloseTo(0.5, 1);
    expect(share((text) => Buffer.byteLength(text) > text.length)).toBeGreaterThan(0.2);
    expect(share((text) => text.indexOf('"telephony.media"') >= 0)).toBeGreaterThan(0.05);
  });

  it('have the size that payloadBytes says', async () => {
    const records: SentFrame[] = [];
    const options = { payloadBytes: { min: 10_000, max: 10_000 }, rate: Infinity, frames: 50 };
    await allMessages(await start({ ...options, onSent: (record) => records.push(record) }));
    const updates = records.filter(({ payloadType }) => payloadType === 'interaction.update');
    expect(updates.length).toBeGreaterThan(20);
    for (const { data } of updates) {
      expect(data).toHaveLength(10_000);
      expect(judge({ data, isBinary: false })).toBe('accepted');
    }
  });

  it('each have the outcome that onSent names, in the judgement of a client written from the documentation', async () => {
    const records: SentFrame[] = [];
    const simulator = await start({
      seed: 7,
      rate: Infinity,
      frames: 2000,
      badRate: 0.3,
      poolSize: 2000,
      oversizeBytes: 5 * 1024 * 1024 + 1,
      // All six; only a few of the large ones, for the time that they take.
      onSent: (record) => records.push(record),
      script: Array.from({ length: 2000 }, (_, at) => ({ at, fault: 'truncated-json' as const })).filter(
        ({ at }) => at % 50 === 0,
      ),
    });
    const client = await connected(simulator, { maxPayload: 8 * 1024 * 1024 });
    await client.closed;
    expect(records).toHaveLength(2000);
    expect(client.messages).toHaveLength(2000);
    const counts = { ...simulator.totals.expected };
    for (const [index, message] of client.messages.entries()) {
      const record = records[index]!;
      expect(record.index).toBe(index);
      expect(record.connection).toBe(0);
      expect(record.byteLength).toBe(message.data.length);
      expect(record.isBinary).toBe(message.isBinary);
      expect(record.data.equals(message.data)).toBe(true);
      expect(judge(message), `frame ${index}`).toBe(record.expected);
      counts[record.expected] -= 1;
    }
    expect(Object.values(counts)).toEqual([0, 0, 0, 0, 0, 0, 0]);
    const bad = 2000 - simulator.totals.expected.accepted;
    expect(bad / 2000).toBeGreaterThan(0.25);
    expect(bad / 2000).toBeLessThan(0.37);
    expect(simulator.totals.frames).toBe(2000);
  });
});

describe('a scripted frame fault', () => {
  const outcomes: Record<FrameFault, string> = {
    'invalid-utf8': 'invalid-utf8',
    'truncated-json': 'malformed-json',
    'schema-violation': 'schema',
    oversize: 'oversize',
    'wrong-checksum': 'checksum-mismatch',
    'unknown-type': 'unknown-type',
  };

  it.each(Object.entries(outcomes) as [FrameFault, string][])(
    '%s makes one frame %s and changes no other',
    async (fault, outcome) => {
      const options = { rate: Infinity, frames: 6 };
      const clean = await allMessages(await start(options));
      const faulty = await start({ ...options, script: [{ at: 3, fault }] });
      const messages = await allMessages(faulty);
      expect(messages.map(judge)).toEqual(['accepted', 'accepted', 'accepted', outcome, 'accepted', 'accepted']);
      expect(isSame(messages.toSpliced(3, 1), clean.toSpliced(3, 1))).toBe(true);
      expect(faulty.totals.expected).toMatchObject({ accepted: 5, [outcome]: 1 });
    },
  );

  it('oversize has exactly oversizeBytes, 6 MiB by default', async () => {
    const size = async (options: object): Promise<number> => {
      const script = [{ at: 0, fault: 'oversize' as const }];
      const messages = await allMessages(await start({ rate: Infinity, frames: 1, script, ...options }));
      return messages[0]!.data.length;
    };
    expect(await size({})).toBe(6 * 1024 * 1024);
    expect(await size({ oversizeBytes: 100_001 })).toBe(100_001);
  });

  it('schema-violation comes as a number for an id, and as a routing that is missing, an array, or a string', async () => {
    const script = Array.from({ length: 60 }, (_, at) => ({ at, fault: 'schema-violation' as const }));
    const messages = await allMessages(await start({ rate: Infinity, frames: 60, script }));
    const kinds = messages.map(({ data }) => {
      const { id, routing } = JSON.parse(data.toString()) as { id: unknown; routing?: unknown };
      if (typeof id === 'number') return 'id';
      return Array.isArray(routing) ? 'array' : typeof routing;
    });
    expect(new Set(kinds)).toEqual(new Set(['id', 'undefined', 'array', 'string']));
  });

  it('concerns one connection where it names one', async () => {
    const simulator = await start({
      rate: Infinity,
      frames: 2,
      script: [{ at: 1, connection: 1, fault: 'unknown-type' }],
    });
    expect((await allMessages(simulator)).map(judge)).toEqual(['accepted', 'accepted']);
    expect((await allMessages(simulator)).map(judge)).toEqual(['accepted', 'unknown-type']);
    expect((await allMessages(simulator)).map(judge)).toEqual(['accepted', 'accepted']);
  });
});
