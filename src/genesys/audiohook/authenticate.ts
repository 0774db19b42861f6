import { randomBytes } from 'node:crypto';
import type { TimestampProvider } from 'rxjs';
import { errorName } from '../../../operators/error-name.ts';
import { printable } from '../../../operators/printable.ts';
import type { CredentialLookup, FoundCredential } from './credentials.ts';
import { messageSignature, verifySignature, type SignatureFault, type UpgradeRequest } from './message-signature.ts';
import type { Nonces } from './nonces.ts';
import { isUuid } from './uuid.ts';

/** Who wants to open which session: what the upgrade request says in its headers. */
export interface SessionIdentity {
  readonly organizationId: string;
  readonly sessionId: string;
  readonly correlationId: string;
}

/**
 * Why a request was refused. For the operator only: the peer is told nothing of it.
 *
 * | reason | what it means |
 * |---|---|
 * | `identity` | organisation, session or correlation id is missing, there twice, or no UUID |
 * | `no-api-key` | there is no `X-API-KEY` |
 * | `lookup-failed` | the lookup of the key failed, or gave what is not allowed |
 * | `unknown-key` | the organisation has no such key |
 * | `no-signature` | the key has a secret, and the request is not signed |
 * | `unexpected-signature` | the request is signed, and the key has no secret |
 * | `malformed-signature` | it is no signature in the form of AudioHook, or it names another key |
 * | `wrong-signature` | it was made with another secret or for another request; or a proxy has changed host, path or a header |
 * | `not-yet-valid`, `expired` | it is good, and from another time: look at the clocks |
 * | `replayed` | it was used before |
 * | `too-many-nonces` | more sessions were opened in a short time than can be remembered |
 */
export type RefusalReason =
  | 'identity'
  | 'no-api-key'
  | 'lookup-failed'
  | 'unknown-key'
  | 'no-signature'
  | 'unexpected-signature'
  | 'malformed-signature'
  | SignatureFault
  | 'replayed'
  | 'too-many-nonces';

/** What {@link authenticate} has found out. */
export type Authentication =
  | { readonly ok: true; readonly identity: SessionIdentity }
  | {
      readonly ok: false;
      readonly reason: RefusalReason;
      /** What the lookup failed with, where it did, without the API key. */
      readonly cause?: string;
    };

/**
 * **Decides who may open a session.** Never rejects. An unknown key goes the same way as a known one, with a random secret; only the
 * lookup itself may take another time.
 *
 * @param lookup - what `credentialLookup` has made
 * @param nonces - those of all requests that the lookup is good for
 * @param clock - the time of day in milliseconds; it is asked once the lookup has answered
 */
export async function authenticate(
  request: UpgradeRequest,
  lookup: CredentialLookup,
  nonces: Nonces,
  clock: TimestampProvider,
): Promise<Authentication> {
  const { headers } = request;
  const identity = sessionIdentity(request);
  if (identity === undefined) return { ok: false, reason: 'identity' };
  const apiKey = headers['x-api-key'];
  if (typeof apiKey !== 'string' || apiKey === '') return { ok: false, reason: 'no-api-key' };

  let credential: FoundCredential | undefined;
  try {
    credential = await lookup(apiKey, identity.organizationId);
  } catch (error) {
    return { ok: false, reason: 'lookup-failed', cause: withoutKey(error, apiKey) };
  }
  const reason = refusal(request, apiKey, credential, nonces, clock.now() / 1000);
  return reason === undefined ? { ok: true, identity } : { ok: false, reason };
}

/** The three ids; undefined where one is missing or no UUID. Node joins a header that comes twice with a comma: no UUID either. */
function sessionIdentity({ headers }: UpgradeRequest): SessionIdentity | undefined {
  const organizationId = headers['audiohook-organization-id'];
  const sessionId = headers['audiohook-session-id'];
  const correlationId = headers['audiohook-correlation-id'];
  if (!isUuid(organizationId) || !isUuid(sessionId) || !isUuid(correlationId)) return undefined;
  return { organizationId, sessionId, correlationId };
}

/** Synchronous, so that no other request gets between the look at the clock and the nonce. */
function refusal(
  request: UpgradeRequest,
  apiKey: string,
  credential: FoundCredential | undefined,
  nonces: Nonces,
  now: number,
): RefusalReason | undefined {
  const { signature: sent, 'signature-input': input } = request.headers;
  const isSigned = sent !== undefined || input !== undefined;
  const clientSecret = credential?.clientSecret;
  const secret = clientSecret === undefined ? randomBytes(32) : Buffer.from(clientSecret, 'base64');
  const signature = messageSignature(request);
  const fault = signature && verifySignature(signature, secret, now);

  if (credential === undefined) return 'unknown-key';
  if (clientSecret === undefined) return isSigned ? 'unexpected-signature' : undefined;
  if (signature === undefined) return isSigned ? 'malformed-signature' : 'no-signature';
  if (fault !== undefined) return fault;
  const use = nonces.use(apiKey, signature.nonce, now);
  if (use === 'full') return 'too-many-nonces';
  return use === 'replayed' ? use : undefined;
}

/** What went wrong, in a line. The lookup was given the key, so its message may hold it. */
function withoutKey(error: unknown, apiKey: string): string {
  const name = errorName(error);
  return error instanceof Error ? printable(`${name}: ${error.message}`.replaceAll(apiKey, '(the API key)')) : name;
}
