import { deepStrictEqual } from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { from } from 'rxjs';
import { genesysTypes } from 'rxframe/genesys';
import { pinoAuditSink } from 'rxframe/node';
import { accepted, audit, checksum, decode, Meter, metrics, sizeGate, validate } from 'rxframe/operators';
import { corpus, MAX_BYTES, type NodeFrame } from '../../corpus.ts';
import { handFused, type Message } from '../../hand-fused.ts';
import type { HandOutcome } from '../../hand-outcome.ts';
import { mustAgree } from '../../must-agree.ts';
import type { Comparison, Pass } from '../comparison.ts';

/**
 * The six stages with an audit log in a file, against the hand-fused function with a pino call. A pass ends when its lines
 * are with the operating system.
 */
export async function audited(): Promise<Comparison[]> {
  const frames = await corpus();
  mustAgree(frames);
  const folder = mkdtempSync(join(tmpdir(), 'rxframe-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true }));
  const oursFile = join(folder, 'ours.log');
  const peerFile = join(folder, 'peer.log');
  const ours = auditedStages(frames, oursFile);
  const peer = auditedByHand(frames, peerFile);
  await ours();
  await peer();
  deepStrictEqual(recordsIn(oursFile), recordsIn(peerFile));
  return [{ name: 'six stages and audit to a file', frames: frames.length, ours, peer }];
}

function auditedStages(frames: readonly NodeFrame[], file: string): Pass {
  const sink = pinoAuditSink({ destination: file });
  const frames$ = from(frames).pipe(
    sizeGate({ maxBytes: MAX_BYTES }),
    decode(genesysTypes),
    validate(),
    checksum(),
    metrics(new Meter()),
    audit(sink),
    accepted(),
  );
  let count = 0;
  return async () => {
    frames$.subscribe(() => (count += 1));
    await sink.flush();
    if (sink.lost > 0) throw new Error(`${sink.lost} audit records are lost.`);
  };
}

function auditedByHand(frames: readonly NodeFrame[], file: string): Pass {
  const destination = pino.destination({ dest: file, sync: false });
  const logger = pino({ base: null, timestamp: false }, destination);
  let millisecond = NaN;
  let isoTime = '';

  const log = ({ message, payloadType, checksumValid, stage, reason, issue }: HandOutcome<Message>) => {
    // Made once a millisecond: it costs as much as all else in a line.
    if (message.timestamp !== millisecond) {
      millisecond = message.timestamp;
      isoTime = new Date(millisecond).toISOString();
    }
    const frameId = `${message.connectionId}-${message.sequence}`;
    const { byteLength } = message;
    const checksum = checksumValid === undefined ? 'none' : checksumValid ? 'pass' : 'fail';
    if (reason === undefined) {
      logger.info({ frameId, outcome: 'accepted', payloadType, byteLength, checksum, timestamp: isoTime });
    } else {
      const issues = [{ message: issue }];
      logger.warn({
        frameId,
        outcome: 'rejected',
        payloadType,
        byteLength,
        checksum,
        timestamp: isoTime,
        stage,
        reason,
        issues,
      });
    }
  };
  let count = 0;
  const hand = handFused({ maxBytes: MAX_BYTES, accept: () => (count += 1), log });
  return async () => {
    for (const frame of frames) hand.take(frame);
    await once(destination, 'drain');
  };
}

/** The records of an audit log, their issues left out: each words them as it likes. */
function recordsIn(file: string): readonly unknown[] {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  return lines.map((line) => ({ ...(JSON.parse(line) as object), issues: undefined }));
}
