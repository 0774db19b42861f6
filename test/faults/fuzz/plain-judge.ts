import { createHash } from 'node:crypto';
import { Ajv, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import { BINARY, SCHEMAS } from './feed.ts';
import type { Message } from './message.ts';

/** What becomes of a message. */
export type Judgement =
  | {
      readonly outcome: 'accepted';
      readonly payloadType: string;
      readonly data: unknown;
      readonly checksum: boolean | undefined;
    }
  | { readonly outcome: 'rejected'; readonly stage: string; readonly reason: string; readonly issues: number };

/** What the feed is judged by, besides its schemas. */
export interface Rules {
  readonly maxBytes: number;
  readonly type: readonly string[];
  readonly unknown: 'reject' | 'pass';
}

/** How many issues are listed, and up to which size of the payload all are looked for: see the page on `validate`. */
const MOST_ISSUES = 10;
const ALL_ISSUES_UP_TO = 8 * 1024;

const ajv = new Ajv({ allErrors: true, strict: false, logger: false });
formats.default(ajv, { mode: 'fast' });
const schemas = new Map<string, ValidateFunction>(
  Object.entries(SCHEMAS).map(([name, schema]) => [name, ajv.compile(schema)]),
);

/**
 * **What the documentation says becomes of a message**, by what the platform and ajv have to offer and nothing of ours:
 * the oracle that the stages are held against.
 */
export function plainJudge({ bytes, isBinary }: Message, rules: Rules): Judgement {
  if (bytes.length > rules.maxBytes) return rejected('size-gate', 'oversize');

  if (isBinary) {
    for (const [payloadType, recognises] of Object.entries(BINARY)) {
      try {
        if (recognises(bytes)) return { outcome: 'accepted', payloadType, data: bytes, checksum: undefined };
      } catch {
        return rejected('decode', 'unknown-type');
      }
    }
  }

  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return rejected('decode', 'invalid-utf8');
  }
  let data: unknown;
  try {
    data = JSON.parse(text.startsWith('\ufeff') ? text.slice(1) : text);
  } catch {
    return rejected('decode', 'malformed-json');
  }

  const payloadType = memberAt(data, rules.type);
  const validate = typeof payloadType === 'string' ? schemas.get(payloadType) : undefined;
  if (typeof payloadType !== 'string' || validate === undefined) {
    if (rules.unknown === 'reject') return rejected('decode', 'unknown-type');
    return { outcome: 'accepted', payloadType: 'unknown', data, checksum: undefined };
  }
  try {
    if (!validate(data)) {
      const found = validate.errors?.length ?? 0;
      return rejected('validate', 'schema', bytes.length > ALL_ISSUES_UP_TO ? 1 : Math.min(found, MOST_ISSUES));
    }
  } catch {
    return rejected('validate', 'schema');
  }

  const checksum = payloadType === 'order' ? hasItsDigest(bytes, memberAt(data, ['digest'])) : undefined;
  if (checksum === false) return rejected('checksum', 'checksum-mismatch');
  return { outcome: 'accepted', payloadType, data, checksum };
}

function rejected(stage: string, reason: string, issues = 1): Judgement {
  return { outcome: 'rejected', stage, reason, issues };
}

function memberAt(value: unknown, path: readonly string[]): unknown {
  const [name, ...rest] = path;
  if (name === undefined) return value;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return memberAt(Object.getOwnPropertyDescriptor(value, name)?.value, rest);
}

/** RFC 9530's form, over the payload with zeros in its place; undefined where there is nothing to compare. */
function hasItsDigest(bytes: Uint8Array, digest: unknown): boolean | undefined {
  const given = /^sha-256=:([A-Za-z0-9+/]{43}=):$/.exec(typeof digest === 'string' ? digest : '')?.[1];
  if (given === undefined) return undefined;
  const zeroed = Buffer.from(bytes).toString('latin1').replace(given, '0'.repeat(44));
  return createHash('sha256').update(zeroed, 'latin1').digest('base64') === given;
}
