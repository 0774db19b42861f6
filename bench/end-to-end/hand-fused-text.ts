import { HandOutcome, rejection, violation } from '../hand-outcome.ts';
import { interactionUpdate, keepalive } from '../hand-schemas.ts';

/** A message as browser-style events bring it: text is a string. */
export interface EventMessage {
  readonly data: string | ArrayBuffer;
  readonly byteLength: number;
  readonly connectionId: string;
  readonly sequence: number;
  readonly timestamp: number;
  readonly receivedAt: number;
}

/** What {@link handFusedText} is made with. */
export interface HandFusedTextOptions {
  readonly maxBytes: number;
  /** SHA-256 of the text's UTF-8, in base64. */
  readonly sha256: (text: string) => string;
  /** Gets what was accepted. */
  readonly accept: (outcome: HandOutcome<EventMessage>) => void;
  /** Gets every outcome, before. */
  readonly log?: (outcome: HandOutcome<EventMessage>) => void;
}

/** What was counted by hand. */
export interface TextCounts {
  readonly bytes: number;
  /** How many messages were accepted, and how many rejected for each reason. */
  readonly outcomes: Readonly<Record<string, number>>;
}

/** The six stages in one function. */
export interface HandFusedText {
  take(message: EventMessage): void;
  counts(): TextCounts;
}

const WINDOW = 1_000;
const DIGEST = /^sha-256=:([A-Za-z0-9+/]{43}=):$/;
const ZEROS = '0'.repeat(44);

/**
 * **The hand-fused function for those who get text as a string**, in browsers and from libraries with browser-style events:
 * it is not decoded a second time, nor encoded but where a digest is compared. What was not UTF-8 has the replacement
 * character in it, which nothing else in the corpus has.
 */
export function handFusedText({ maxBytes, sha256, accept, log }: HandFusedTextOptions): HandFusedText {
  const latencies = new Float64Array(WINDOW);
  const times = new Float64Array(WINDOW);
  const integrity = new Uint8Array(WINDOW);
  const byType = new Map<string, number>();
  const outcomes = new Map<string, number>();
  let next = 0;
  let bytes = 0;

  function judge(message: EventMessage): HandOutcome<EventMessage> {
    const { data: text, byteLength } = message;
    if (byteLength > maxBytes)
      return rejection(message, 'size-gate', 'oversize', `${byteLength} bytes, at most ${maxBytes} are allowed`);
    if (typeof text !== 'string') return new HandOutcome(message, 'telephony.media', text, undefined);

    if (text.includes('\ufffd')) return rejection(message, 'decode', 'invalid-utf8', 'the payload is not valid UTF-8');
    let data: unknown;
    try {
      data = JSON.parse(text);
    } catch {
      return rejection(message, 'decode', 'malformed-json', 'not valid JSON');
    }

    const { type, digest } = (data ?? {}) as { readonly type?: unknown; readonly digest?: unknown };
    if (type === 'interaction.update') {
      if (!interactionUpdate(data)) return violation(message, type, data, interactionUpdate.errors?.[0]?.message);
      const expected = typeof digest === 'string' ? DIGEST.exec(digest)?.[1] : undefined;
      if (expected === undefined) return new HandOutcome(message, type, data, undefined);
      if (sha256(text.replace(expected, ZEROS)) === expected) return new HandOutcome(message, type, data, true);
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
      const { payloadType, checksumValid, reason = 'accepted' } = outcome;
      const now = performance.now();
      latencies[next] = now - message.receivedAt;
      times[next] = now;
      integrity[next] = checksumValid === undefined ? 0 : checksumValid ? 1 : 2;
      next = next + 1 === WINDOW ? 0 : next + 1;
      bytes += message.byteLength;
      if (payloadType !== undefined) byType.set(payloadType, (byType.get(payloadType) ?? 0) + 1);
      outcomes.set(reason, (outcomes.get(reason) ?? 0) + 1);
      log?.(outcome);
      if (reason === 'accepted') accept(outcome);
    },
    counts: () => ({ bytes, outcomes: Object.fromEntries(outcomes) }),
  };
}
