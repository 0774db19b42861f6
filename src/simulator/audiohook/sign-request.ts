import { createHmac } from 'node:crypto';

/** What {@link signRequest} signs, and with what. */
export interface SignatureParts {
  /** Names in lower case, and values, in the order in which they are covered. */
  readonly components: readonly (readonly [name: string, value: string])[];
  readonly keyId: string;
  /** The client secret, decoded. */
  readonly key: Uint8Array;
  readonly nonce: string;
  /** In seconds since the epoch. */
  readonly created: number;
  /** In seconds since the epoch. */
  readonly expires: number;
}

/** The headers that {@link signRequest} makes. */
export interface SignatureHeaders {
  readonly 'Signature-Input': string;
  readonly Signature: string;
}

/** **Signs a request as Genesys Cloud does**: HTTP Message Signatures, draft 11, with HMAC-SHA256. */
export function signRequest({ components, keyId, key, nonce, created, expires }: SignatureParts): SignatureHeaders {
  const covered = components.map(([name]) => `"${name}"`).join(' ');
  const parameters = `(${covered});keyid="${keyId}";nonce="${nonce}";alg="hmac-sha256";created=${created};expires=${expires}`;
  const lines = components.map(([name, value]) => `"${name}": ${value}`);
  const base = [...lines, `"@signature-params": ${parameters}`].join('\n');
  const digest = createHmac('sha256', key).update(base).digest('base64');
  return { 'Signature-Input': `sig1=${parameters}`, Signature: `sig1=:${digest}:` };
}
