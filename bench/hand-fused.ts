import { isUtf8 } from 'node:buffer';
import { hash } from 'node:crypto';
import { HandOutcome, rejection, violation } from './hand-outcome.ts';
import { interactionUpdate, keepalive } from './hand-schemas.ts';

/** A message as the socket brought it. */
export interface Message {
  readonly rawData: Buffer;
  readonly byteLength: number;
  readonly isBinary: boolean;
  readonly connectionId: string;
  readonly sequence: number;
  readonly timestamp: number;
  readonly receivedAt: number;
}

/** What was counted by hand, as a `Meter` counts it. */
export interface HandCounts {
  readonly frames: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly bytes: number;
  readonly latencyHistogram: { readonly counts: readonly number[]; readonly sum: number };
  readonly byType: Readonly<Record<string, number>>;
  readonly byReason: Readonly<Record<string, number>>;
}

/** What a hand-fused function is made with. */
export interface HandFusedOptions {
  readonly maxBytes: number;
  /** Gets what was accepted. */
  readonly accept: (outcome: HandOutcome<Message>) => void;
  /** Gets every outcome, before. */
  readonly log?: (outcome: HandOutcome<Message>) => void;
}

/** The six stages in one function. */
export interface HandFused {
  take(message: Message): void;
  counts(): HandCounts;
}

const WINDOW = 1_000;
/** Of latencies: powers of two in microseconds, and what is longer. */
const BUCKETS = 26;
const DIGEST = /^sha-256=:([A-Za-z0-9+/]{43}=):$/;
const ZERO = 0x30;

/**
 * **The yardstick: the work of the six stages in one function**, as one writes it who knows what is fast and has this one
 * job. Nothing of the package is in it. One object a message, no closure, no exception but the parser's.
 */
export function handFused({ maxBytes, accept, log }: HandFusedOptions): HandFused {
  const latencies = new Float64Array(WINDOW);
  const times = new Float64Array(WINDOW);
  const integrity = new Uint8Array(WINDOW);
  const histogram = new Float64Array(BUCKETS);
  let latencySum = 0;
  const byType = new Map<string, number>();
  const byReason = new Map<string, number>();
  let next = 0;
  let frames = 0;
  let rejected = 0;
  let bytes = 0;

  function judge(message: Message): HandOutcome<Message> {
    const { rawData } = message;
    if (rawData.length > maxBytes)
      return rejection(message, 'size-gate', 'oversize', `${rawData.length} bytes, at most ${maxBytes} are allowed`);
    if (message.isBinary && rawData[0] === 0x80) return new HandOutcome(message, 'telephony.media', rawData, undefined);

    if (!isUtf8(rawData)) return rejection(message, 'decode', 'invalid-utf8', 'the payload is not valid UTF-8');
    const text = rawData.toString('utf8');
    let data: { readonly type?: unknown; readonly digest?: unknown } | null;
    try {
      data = JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text) as typeof data;
    } catch {
      return rejection(message, 'decode', 'malformed-json', 'not valid JSON');
    }

    const type = data?.type;
    if (type === 'interaction.update') {
      if (!interactionUpdate(data)) return violation(message, type, data, interactionUpdate.errors?.[0]?.message);
      const digest = data?.digest;
      const expected = typeof digest === 'string' ? DIGEST.exec(digest)?.[1] : undefined;
      if (expected === undefined) return new HandOutcome(message, type, data, undefined);
      if (digestOf(rawData, expected) === expected) return new HandOutcome(message, type, data, true);
      const issue = 'the digest of the payload is not the one it carries';
      return new HandOutcome(message, type, data, false, 'checksum', 'checksum-mismatch', issue);
    }
    if (type === 'keepalive') {
      if (!keepalive(data)) return violation(message, type, data, keepalive.errors?.[0]?.message);
      return new HandOutcome(message, type, data, undefined);
    }
    return rejection(message, 'decode', 'unknown-type', 'no payload type has that name');
  }

  return {
    take(message) {
      const outcome = judge(message);
      const { payloadType, checksumValid, reason } = outcome;
      const now = performance.now();
      const latency = now - message.receivedAt;
      latencies[next] = latency;
      latencySum += latency;
      const microseconds = Math.ceil(latency * 1_000);
      const bucket = microseconds <= 1 ? 0 : Math.min(32 - Math.clz32(microseconds - 1), BUCKETS - 1);
      histogram[bucket] = (histogram[bucket] as number) + 1;
      times[next] = now;
      integrity[next] = checksumValid === undefined ? 0 : checksumValid ? 1 : 2;
      next = next + 1 === WINDOW ? 0 : next + 1;
      frames += 1;
      bytes += message.byteLength;
      if (payloadType !== undefined) byType.set(payloadType, (byType.get(payloadType) ?? 0) + 1);
      if (reason !== undefined) {
        rejected += 1;
        byReason.set(reason, (byReason.get(reason) ?? 0) + 1);
      }
      log?.(outcome);
      if (reason === undefined) accept(outcome);
    },
    counts: () => ({
      frames,
      accepted: frames - rejected,
      rejected,
      bytes,
      latencyHistogram: { counts: [...histogram], sum: latencySum },
      byType: Object.fromEntries(byType),
      byReason: Object.fromEntries(byReason),
    }),
  };
}

/** Where a message is copied to, to be changed: memory for each would cost more than the copy. */
let scratch = Buffer.alloc(64 * 1024);

/** SHA-256 of the message, the digest in it replaced by zeros. */
function digestOf(message: Buffer, digest: string): string {
  if (message.length > scratch.length) scratch = Buffer.alloc(2 * message.length);
  message.copy(scratch);
  const start = message.indexOf(digest, 0, 'latin1');
  if (start >= 0) scratch.fill(ZERO, start, start + digest.length);
  return hash('sha256', scratch.subarray(0, message.length), 'base64');
}
