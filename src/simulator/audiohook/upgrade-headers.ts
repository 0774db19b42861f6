import { randomBytes } from 'node:crypto';
import { signRequest } from './sign-request.ts';

/**
 * What is wrong with the upgrade request:
 * - `wrong-signature`: the signature is that of another request
 * - `expired-signature`, `future-signature`: it was made an hour ago, or in an hour
 * - `replayed-nonce`: all sessions use the same request, the first one's
 * - `unsigned`: there is no signature
 * - `wrong-key`: the API key is not the right one
 * - `no-organization`: the header that names the organization is left out
 * - `other-organization`: the headers are right; the `open` message names another organization
 */
export type HandshakeFault = (typeof HANDSHAKE_FAULTS)[number];

/** All handshake faults. */
export const HANDSHAKE_FAULTS = [
  'wrong-signature',
  'expired-signature',
  'future-signature',
  'replayed-nonce',
  'unsigned',
  'wrong-key',
  'no-organization',
  'other-organization',
] as const;

/** Those that need a signature to be wrong with. */
export const SIGNATURE_FAULTS: readonly HandshakeFault[] = [
  'wrong-signature',
  'expired-signature',
  'future-signature',
  'replayed-nonce',
  'unsigned',
];

/** What {@link upgradeHeaders} are made from. */
export interface UpgradeParts {
  readonly url: URL;
  readonly organizationId: string;
  readonly sessionId: string;
  readonly correlationId: string;
  readonly apiKey: string;
  /** Base64; nothing is signed without it. */
  readonly clientSecret: string | undefined;
  readonly handshake: HandshakeFault | undefined;
}

/** How long a signature is valid, in seconds. */
const LIFETIME = 30;

const HOUR = 3600;

/** **The headers with which a session asks for its WebSocket**, with the fault that the handshake is to have. */
export function upgradeHeaders(parts: UpgradeParts): Readonly<Record<string, string>> {
  const { url, handshake, clientSecret } = parts;
  const apiKey = handshake === 'wrong-key' ? `${parts.apiKey}x` : parts.apiKey;
  const headers = [
    ['Audiohook-Organization-Id', parts.organizationId],
    ['Audiohook-Session-Id', parts.sessionId],
    ['Audiohook-Correlation-Id', parts.correlationId],
    ['X-API-KEY', apiKey],
  ].slice(handshake === 'no-organization' ? 1 : 0) as [string, string][];
  const named = Object.fromEntries(headers);
  if (clientSecret === undefined || handshake === 'unsigned') return named;

  const shift = handshake === 'expired-signature' ? -HOUR : handshake === 'future-signature' ? HOUR : 0;
  const created = Math.floor(Date.now() / 1000) + shift;
  const signature = signRequest({
    components: [
      ['@request-target', handshake === 'wrong-signature' ? '/another/path' : url.pathname + url.search],
      ['@authority', url.host],
      ...headers.map(([name, value]) => [name.toLowerCase(), value] as const),
    ],
    keyId: apiKey,
    key: Buffer.from(clientSecret, 'base64'),
    nonce: randomBytes(18).toString('base64'),
    created,
    expires: created + LIFETIME,
  });
  return { ...named, ...signature };
}
