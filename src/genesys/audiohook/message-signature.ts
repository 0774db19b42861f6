import { createHmac, timingSafeEqual } from 'node:crypto';
import { canonicalBase64 } from './canonical-base64.ts';

/** The request that opens a WebSocket, as far as it is signed. */
export interface UpgradeRequest {
  /** As Node gives them: names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Path and query as received. */
  readonly target: string;
}

/** How old a signature may be, in seconds: as the platform's reference server has it. */
export const LONGEST_AGE = 10;

/** How far the peer's clock may be off, in seconds, either way: as the platform's reference server has it. */
export const CLOCK_SKEW = 3;

/** What AudioHook signs: each of these once, in any order, and nothing else. */
const COMPONENTS = [
  '@request-target',
  '@authority',
  'audiohook-organization-id',
  'audiohook-session-id',
  'audiohook-correlation-id',
  'x-api-key',
];

/** The shortest nonce, in characters: 16 bytes in base64 without padding. */
const SHORTEST_NONCE = 22;

/** `label=(components);parameters`, with nothing after it: one signature, and one header. */
const SIGNATURE_INPUT = /^([a-z*][a-z\d_.*-]*)=(\(([^()]*)\)(.+))$/;

/** `label=:base64:`. */
const SIGNATURE = /^([a-z*][a-z\d_.*-]*)=:(.*):$/;

/** One parameter: a string, with `"` and `\` escaped and nothing else, or a whole number without leading zeros. */
const PARAMETER = /;(?:(keyid|nonce|alg)="((?:[ !#-[\]-~]|\\["\\])*)"|(created|expires)=(0|[1-9]\d{0,14}))/gy;

/** What can stand in a line of the signature base: no line break, and nothing that two encodings write differently. */
const PRINTABLE = /^[\x20-\x7e]+$/;

/** A signature that is well formed, and of which nothing else is known yet. */
export interface MessageSignature {
  /** What is signed. */
  readonly base: string;
  /** The 32 bytes of the HMAC. */
  readonly digest: Uint8Array;
  readonly nonce: string;
  /** In seconds since the epoch. */
  readonly created: number;
  /** In seconds since the epoch. */
  readonly expires: number;
}

/** Why {@link verifySignature} takes a signature for not good. */
export type SignatureFault = 'wrong-signature' | 'not-yet-valid' | 'expired';

/**
 * **Reads the signature of a request**, in the one form that AudioHook has (HTTP Message Signatures, draft 11): one signature
 * over six components, with `keyid`, which is the API key, `nonce`, `alg`, `created` and `expires`, each once. Anything else is
 * undefined.
 *
 * Takes only what serialising the parsed fields would give again (RFC 8941 section 4.1), so what was sent is what is signed, and
 * no second text stands for the same signature.
 */
export function messageSignature({ headers, target }: UpgradeRequest): MessageSignature | undefined {
  const { signature, 'signature-input': signatureInput, host } = headers;
  if (typeof signature !== 'string' || typeof signatureInput !== 'string') return undefined;
  const [, signatureLabel, encoded = ''] = SIGNATURE.exec(signature) ?? [];
  const [, label, signed = '', covered = '', written = ''] = SIGNATURE_INPUT.exec(signatureInput) ?? [];
  if (label === undefined || label !== signatureLabel) return undefined;

  const digest = canonicalBase64(encoded);
  const lines = baseLines(covered.split(' '), { ...headers, '@request-target': target, '@authority': host });
  const { keyid, nonce = '', alg, created, expires } = parameters(written) ?? {};
  if (digest?.length !== 32 || lines === undefined || created === undefined || expires === undefined) return undefined;
  if (keyid !== headers['x-api-key'] || nonce.length < SHORTEST_NONCE || alg !== 'hmac-sha256') return undefined;
  return {
    base: [...lines, `"@signature-params": ${signed}`].join('\n'),
    digest,
    nonce,
    created: Number(created),
    expires: Number(expires),
  };
}

/**
 * **Tells why a signature is not good**; undefined where it is: made with this secret, at most {@link LONGEST_AGE} ago, and not
 * expired. {@link CLOCK_SKEW} is granted at both ends. Compares in constant time. (The reference server takes its skew off the
 * age, where we add it.)
 *
 * @param now - in seconds since the epoch
 */
export function verifySignature(
  { base, digest, created, expires }: MessageSignature,
  secret: Uint8Array,
  now: number,
): SignatureFault | undefined {
  if (!timingSafeEqual(digest, createHmac('sha256', secret).update(base).digest())) return 'wrong-signature';
  if (created > now + CLOCK_SKEW) return 'not-yet-valid';
  return Math.min(created + LONGEST_AGE, expires) < now - CLOCK_SKEW ? 'expired' : undefined;
}

/** The lines of the signature base, in the order in which the components are covered: all six, each once. */
function baseLines(covered: readonly string[], sent: UpgradeRequest['headers']): readonly string[] | undefined {
  if (covered.length !== COMPONENTS.length) return undefined;
  const lines: string[] = [];
  for (const name of COMPONENTS) {
    const value = sent[name];
    const at = covered.indexOf(`"${name}"`);
    if (at < 0 || typeof value !== 'string' || !PRINTABLE.test(value)) return undefined;
    lines[at] = `"${name}": ${name === '@authority' ? authority(value) : value}`;
  }
  return lines;
}

/** Without a default port, of either scheme: behind a proxy it is not known which one the peer used. */
function authority(host: string): string {
  return host.toLowerCase().replace(/:(?:443|80)$/, '');
}

/** The parameters by their names, none of them twice; strings without their escapes. */
function parameters(written: string): Readonly<Record<string, string>> | undefined {
  const found = new Map<string, string>();
  let end = 0;
  for (const [text, word, string = '', number = '', digits = ''] of written.matchAll(PARAMETER)) {
    const name = word ?? number;
    if (found.has(name)) return undefined;
    found.set(name, word === undefined ? digits : string.replace(/\\(.)/g, '$1'));
    end += text.length;
  }
  return end === written.length ? Object.fromEntries(found) : undefined;
}
