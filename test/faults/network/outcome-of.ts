import { createHash } from 'node:crypto';
import { MAX_BYTES } from './limits.ts';

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * **What must become of a message, by the documentation of `genesysTypes`**: made of the platform's own functions. For
 * messages that were altered on their way, of which the simulator can't know.
 */
export function outcomeOf(data: Buffer, isBinary: boolean): string {
  if (data.length > MAX_BYTES) return 'oversize';
  if (isBinary && data[0] === 0x80) return 'accepted';
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(data);
  } catch {
    return 'invalid-utf8';
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'malformed-json';
  }
  if (!isObject(value)) return 'unknown-type';
  if (value['type'] === 'keepalive') return 'accepted';
  if (value['type'] !== 'interaction.update') return 'unknown-type';
  if (typeof value['id'] !== 'string' || !isObject(value['routing'])) return 'schema';
  const digest = value['digest'];
  const given = typeof digest === 'string' ? /^sha-256=:([A-Za-z0-9+/]{43}=):$/.exec(digest)?.[1] : undefined;
  if (given === undefined) return 'accepted';
  const zeroed = Buffer.from(data.toString('latin1').replace(given, '0'.repeat(44)), 'latin1');
  return createHash('sha256').update(zeroed).digest('base64') === given ? 'accepted' : 'checksum-mismatch';
}
