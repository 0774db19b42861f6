import { describe, expect, it } from 'vitest';
import { RawFrame, reject, type AnyFrame } from '../../operators/frame.ts';
import { summary } from '../../src/cli/stream/summary.ts';
import { Tally } from '../../src/cli/stream/tally.ts';

const frame = (connectionId: string, sequence: number) =>
  new RawFrame({ rawData: new Uint8Array(10), isBinary: false, connectionId, sequence, timestamp: 0, receivedAt: 0 });

function tallyOf(...outcomes: AnyFrame[]): Tally {
  const tally = new Tally();
  for (const outcome of outcomes) tally.add(outcome);
  return tally;
}

describe('summary', () => {
  it('has frames in, outcomes, reasons, reconnections, bytes and the audit log', () => {
    const tally = tallyOf(frame('a', 0), reject(frame('a', 1), 'decode', 'unknown-type', 'none'), frame('b', 0));
    expect(tally.isBalanced).toBe(true);
    expect(summary({ tally, connections: ['1 reconnection'], lostLines: 0, audit: { file: 'log', lost: 2 } })).toBe(
      '3 in = 2 accepted + 1 rejected\nrejected: unknown-type 1\n1 reconnection, 30 bytes\naudit log: log, INCOMPLETE: 2 records lost',
    );
    expect(summary({ tally, connections: ['1 reconnection'], lostLines: 0, audit: { file: 'log', lost: 1 } })).toMatch(
      /, INCOMPLETE: 1 record lost$/,
    );
  });

  it('counts the frames of several connections that deliver at the same time', () => {
    const tally = tallyOf(frame('a', 0), frame('b', 0), frame('a', 1), frame('b', 1), frame('c', 0), frame('a', 2));
    expect([tally.received, tally.accepted, tally.isBalanced]).toEqual([6, 6, true]);
  });

  it('knows a connection that delivers after many others have come and gone', () => {
    const tally = new Tally();
    for (let sequence = 0; sequence < 500; sequence += 1) {
      tally.add(frame('lasting', sequence));
      tally.add(frame(`short-${sequence}`, 0));
    }
    expect([tally.received, tally.isBalanced]).toEqual([1_000, true]);
  });

  it('says what became of the connections', () => {
    const connections = ['2 connections', '1 handover', '0 gaps'];
    expect(summary({ tally: tallyOf(frame('a', 0)), connections, lostLines: 0 })).toBe(
      '1 in = 1 accepted + 0 rejected\n2 connections, 1 handover, 0 gaps, 10 bytes',
    );
  });

  it('says how many lines are missing on stdout', () => {
    const tally = tallyOf(frame('a', 0));
    expect(summary({ tally, connections: ['0 reconnections'], lostLines: 1 })).toMatch(
      /bytes\nstdout: INCOMPLETE: 1 line lost$/,
    );
  });

  it.each([
    ['lost', [frame('a', 0), frame('a', 2)], '3 in, but 2 accepted + 0 rejected'],
    ['counted twice', [frame('a', 0), frame('a', 0)], '1 in, but 2 accepted + 0 rejected'],
    ['lost at the start of a connection', [frame('a', 0), frame('b', 1)], '3 in, but 2 accepted + 0 rejected'],
  ])('says where a frame was %s', (_, outcomes, message) => {
    const tally = tallyOf(...outcomes);
    expect(tally.isBalanced).toBe(false);
    expect(summary({ tally, connections: ['0 reconnections'], lostLines: 0 })).toContain(message);
  });
});
