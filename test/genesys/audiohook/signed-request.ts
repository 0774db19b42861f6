import { createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { UpgradeRequest } from '../../../src/genesys/audiohook/message-signature.ts';

/** The example of the platform's documentation. */
export const API_KEY = 'SGVsbG8sIEkgYW0gdGhlIEFQSSBrZXkh';
export const CLIENT_SECRET = 'TXlTdXBlclNlY3JldEtleVRlbGxOby0xITJAMyM0JDU=';
export const ORGANIZATION = 'd7934305-0972-4844-938e-9060eef73d05';
export const NONCE = 'VGhpc0lzQVVuaXF1ZU5vbmNl';
/** When the example was signed, in seconds since the epoch. */
export const CREATED = 1641013200;

const COMPONENTS =
  '("@request-target" "@authority" "audiohook-organization-id" "audiohook-session-id" "audiohook-correlation-id" "x-api-key")';

/** The request without a signature. */
export const UNSIGNED: UpgradeRequest = {
  target: '/api/v1/voicebiometrics/ws',
  headers: {
    host: 'audiohook.example.com',
    'audiohook-organization-id': ORGANIZATION,
    'audiohook-session-id': '30b0e395-84d3-4570-ac13-9a62d8f514c0',
    'audiohook-correlation-id': 'e160e428-53e2-487c-977d-96989bf5c99d',
    'x-api-key': API_KEY,
  },
};

/** The parameters of the example, or others. */
export function parameters(
  given: { keyid?: string; nonce?: string; alg?: string; created?: number | string; expires?: number | string } = {},
): string {
  const { keyid = API_KEY, nonce = NONCE, alg = 'hmac-sha256', created = CREATED, expires = 3282026430 } = given;
  return `;keyid="${keyid}";nonce="${nonce}";alg="${alg}";created=${created};expires=${expires}`;
}

/** The example as the documentation has it, with the signature that it gives. */
export const EXAMPLE: UpgradeRequest = withHeaders(UNSIGNED, {
  signature: 'sig1=:NZBwyBHRRyRoeLqy1IzOa9VYBuI8TgMFt2GRDkDuJh4=:',
  'signature-input': `sig1=${COMPONENTS}${parameters()}`,
});

/** The same request with other headers besides; undefined takes one away. */
export function withHeaders({ target, headers }: UpgradeRequest, more: IncomingHttpHeaders): UpgradeRequest {
  const all = Object.entries({ ...headers, ...more }).filter(([, value]) => value !== undefined);
  return { target, headers: Object.fromEntries(all) };
}

/** What is signed differently from the example. */
export interface Signing {
  readonly label?: string;
  /** As they stand in `Signature-Input`. */
  readonly components?: string;
  /** As they stand in `Signature-Input`. */
  readonly parameters?: string;
  /** The host that is signed, where it is not the one that is sent. */
  readonly authority?: string;
  /** In base64. */
  readonly secret?: string;
}

/** A request with a signature whose HMAC is right for what it says of itself: only its form may be wrong. */
export function sign(request: UpgradeRequest, signing: Signing = {}): UpgradeRequest {
  const { label = 'sig1', components = COMPONENTS, secret = CLIENT_SECRET } = signing;
  const signed = `${components}${signing.parameters ?? parameters()}`;
  const lines = [...components.matchAll(/"([^"]*)"/g)].map(([name, bare = '']) => {
    const special = { '@request-target': request.target, '@authority': signing.authority ?? request.headers.host };
    return `${name}: ${String({ ...request.headers, ...special }[bare])}`;
  });
  const base = [...lines, `"@signature-params": ${signed}`].join('\n');
  const digest = createHmac('sha256', Buffer.from(secret, 'base64')).update(base).digest('base64');
  return withHeaders(request, { signature: `${label}=:${digest}:`, 'signature-input': `${label}=${signed}` });
}
