import { createHash } from 'node:crypto';
import { Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { accepted } from '../operators/accepted.ts';
import { audit, type AuditSink } from '../operators/audit.ts';
import type { AuditRecord, AuditRecordOptions } from '../operators/audit-record.ts';
import { sizeGate } from '../operators/size-gate.ts';
import { diagram } from './diagram.ts';
import { marbles, raw, record, rejectedFrame, stageContract } from './marbles.ts';

/** A sink that keeps what it is given. */
function memorySink(): AuditSink & { readonly records: readonly AuditRecord[] } {
  const records: AuditRecord[] = [];
  return { records, write: (written) => void records.push(written) };
}

describe('audit', () => {
  it(
    'writes one record of each outcome, in order, and passes the same objects on',
    marbles(({ cold, scheduler, at }) => {
      const sink = memorySink();
      const [a, x, c] = [raw('a'), rejectedFrame('decode', 'invalid-utf8'), raw('c', { sequence: 2 })];
      const seen = record(cold('-a-x-c-|', { a, x, c }).pipe(audit(sink)), scheduler);
      at(7, () => {
        [a, x, c].forEach((frame, index) => expect(seen.log[index]?.next).toBe(frame));
        expect(sink.records).toStrictEqual([
          {
            frameId: 'c1-0',
            outcome: 'accepted',
            byteLength: 1,
            checksum: 'none',
            timestamp: '2023-11-14T22:13:20.000Z',
          },
          {
            frameId: 'c1-99',
            outcome: 'rejected',
            byteLength: 1,
            checksum: 'none',
            timestamp: '2023-11-14T22:13:20.000Z',
            stage: 'decode',
            reason: 'invalid-utf8',
            issues: [{ message: 'rejected before' }],
          },
          {
            frameId: 'c1-2',
            outcome: 'accepted',
            byteLength: 1,
            checksum: 'none',
            timestamp: '2023-11-14T22:13:20.000Z',
          },
        ]);
      });
    }),
  );

  it(
    'writes a record when the outcome passes',
    diagram('audit', { call: 'audit(sink)', labels: ['in', 'out', 'sink'] }, ({ cold, expectObservable }) => {
      const values = { a: raw('a'), x: rejectedFrame('decode', 'invalid-utf8'), c: raw('c', { sequence: 2 }) };
      const written$ = new Subject<string>();
      const sink: AuditSink = { write: ({ outcome }) => written$.next(outcome) };
      expectObservable(cold('-a--x--c--|', values).pipe(audit(sink))).toBe('-a--x--c--|', values);
      expectObservable(written$).toBe('-s--t--s---', { s: 'accepted', t: 'rejected' });
    }),
  );

  it(
    'sees what the stages before it rejected where it stands before accepted(), and writes before the frame goes on',
    marbles(({ cold, at }) => {
      const sink = memorySink();
      const written: number[] = [];
      cold('ab|', { a: raw('aa'), b: raw('b', { sequence: 1 }) })
        .pipe(sizeGate({ maxBytes: 1 }), audit(sink), accepted())
        .subscribe(() => written.push(sink.records.length));
      at(2, () => {
        expect(sink.records.map(({ outcome, reason }) => [outcome, reason])).toStrictEqual([
          ['rejected', 'oversize'],
          ['accepted', undefined],
        ]);
        expect(written).toStrictEqual([2]);
      });
    }),
  );

  it(
    'writes payloads and digests only where it is told to',
    marbles(({ cold, at }) => {
      const [neither, both] = [memorySink(), memorySink()];
      const source = cold('a|', { a: raw('secret') });
      source.pipe(audit(neither)).subscribe();
      source.pipe(audit(both, { payloads: true, digests: true })).subscribe();
      at(1, () => {
        expect(JSON.stringify(neither.records)).not.toMatch(/secret|c2VjcmV0|payload"|sha256/);
        expect(both.records).toStrictEqual([
          {
            ...neither.records[0],
            sha256: createHash('sha256').update('secret').digest('hex'),
            payload: 'c2VjcmV0',
          },
        ]);
      });
    }),
  );

  it(
    'makes what the sink throws the error of the stream, and lets go of the source',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const failure = new Error('disk full');
      let left = 1;
      const sink: AuditSink = {
        write() {
          if (left-- === 0) throw failure;
        },
      };
      const [a, b] = [raw('a'), raw('b', { sequence: 1 })];
      const source = cold('-a-b-c-|', { a, b, c: a });
      expectObservable(source.pipe(audit(sink))).toBe('-a-#', { a }, failure);
      expectSubscriptions(source.subscriptions).toBe('^--!');
    }),
  );

  it(
    'writes once for each subscription',
    marbles(({ cold, at }) => {
      const sink = memorySink();
      const result = cold('a|', { a: raw('a') }).pipe(audit(sink));
      result.subscribe();
      result.subscribe();
      at(1, () => expect(sink.records).toHaveLength(2));
    }),
  );

  it.each<[unknown, unknown, string]>([
    [undefined, {}, 'TypeError: audit: sink must be an object with a method write(), got undefined'],
    [{ next: 1 }, {}, 'TypeError: audit: sink must be an object with a method write(), got an object'],
    [memorySink(), { payload: true }, 'TypeError: audit: there is no option "payload"; there are payloads, digests'],
    [memorySink(), { payloads: 'no' }, 'TypeError: audit: payloads must be true or false, got "no"'],
    [memorySink(), { digests: 1 }, 'TypeError: audit: digests must be true or false, got 1'],
  ])('refuses %j with %j', (sink, options, message) => {
    expect(() => audit(sink as AuditSink, options as AuditRecordOptions)).toThrow(
      expect.toSatisfy((error) => String(error) === message),
    );
  });
});

stageContract(
  'audit',
  () => audit(memorySink()),
  () => [raw('a'), raw('b', { sequence: 1 })],
);
