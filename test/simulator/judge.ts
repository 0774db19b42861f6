import { createHash } from 'node:crypto';
import type { ExpectedOutcome } from '../../src/simulator/index.ts';
import type { Message } from './plain-client.ts';

const LARGEST = 5 * 1024 * 1024;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What a client makes of a frame that follows the documentation to the letter; written for the tests alone. */
export function judge({ data, isBinary }: Message): ExpectedOutcome {
  if (data.length > LARGEST) return 'oversize';
  if (isBinary) return data[0] === 0x80 ? 'accepted' : 'unknown-type';
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
  if (value['type'] === 'keepalive') return typeof value['timestamp'] === 'string' ? 'accepted' : 'schema';
  if (value['type'] !== 'interaction.update') return 'unknown-type';
  if (typeof value['id'] !== 'string' || !isObject(value['routing']) || !Array.isArray(value['participants']))
    return 'schema';
  const digest = value['digest'];
  if (digest === undefined) return 'accepted';
  const given = /^sha-256=:([A-Za-z0-9+/]{43}=):$/.exec(typeof digest === 'string' ? digest : '')?.[1];
  if (given === undefined) return 'schema';
  const zeroed = Buffer.from(data.toString('latin1').replace(given, '0'.repeat(44)), 'latin1');
  return createHash('sha256').update(zeroed).digest('base64') === given ? 'accepted' : 'checksum-mismatch';
}
