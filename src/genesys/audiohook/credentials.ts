import { createHash, timingSafeEqual } from 'node:crypto';
import { knownOptions, optionError } from '../../../operators/options.ts';
import { canonicalBase64 } from './canonical-base64.ts';
import { isUuid } from './uuid.ts';

/** What lets an organisation open sessions. */
export interface AudioHookCredential {
  /** What the peer sends as `X-API-KEY`. */
  readonly apiKey: string;
  /**
   * The client secret that requests of this key are signed with, in base64. Left out: requests must not be signed, and the key
   * is all that they need.
   */
  readonly clientSecret?: string;
  /** The organisations that may use the key, by their UUIDs. @defaultValue any */
  readonly organizationIds?: readonly string[];
}

/** What belongs to a key. */
export type FoundCredential = Omit<AudioHookCredential, 'apiKey'>;

/**
 * Finds what belongs to a key, in a vault or a database; undefined where the organisation has no such key. Is asked for each
 * request that has the right headers, before it is known whether the peer is who it says.
 */
export type CredentialLookup = (
  apiKey: string,
  organizationId: string,
) => FoundCredential | undefined | PromiseLike<FoundCredential | undefined>;

/**
 * **Makes one lookup of a list of credentials, or of the user's own lookup.** Keys of a list are compared in constant time, and
 * all of them. What the user's own lookup gives is checked as a list's entries are, and makes the lookup fail where it is not
 * allowed.
 *
 * @throws TypeError or RangeError at the call, where the list is not allowed: it is empty, an entry has other members than those of
 *   {@link AudioHookCredential} or one that is undefined, a key is empty or can't be sent, a secret is empty, all zeros or not in
 *   base64, an organisation is no UUID, or two entries have the same key for the same organisation. No message shows a key or a
 *   secret
 */
export function credentialLookup(credentials: readonly AudioHookCredential[] | CredentialLookup): CredentialLookup {
  if (typeof credentials === 'function') return checking(credentials);
  if (!Array.isArray(credentials)) {
    throw new TypeError(`audioHook: credentials must be a list or a function, got ${kindOf(credentials)}`);
  }
  if (credentials.length === 0) throw new RangeError('audioHook: credentials must have at least one entry');
  const entries = credentials.map((credential: AudioHookCredential, index) => {
    const where = `audioHook: credentials[${index}]`;
    checkCredential(where, credential);
    checkApiKey(where, credential.apiKey);
    return { digest: digestOf(credential.apiKey), found: copied(credential) };
  });
  entries.forEach((entry, index) => {
    const before = entries.findIndex((other) => other.digest.equals(entry.digest) && overlap(other.found, entry.found));
    if (before < index) {
      throw new RangeError(
        `audioHook: credentials[${index}] has the key of credentials[${before}], for an organisation that has it already`,
      );
    }
  });

  return (apiKey, organizationId) => {
    const digest = digestOf(apiKey);
    let found: FoundCredential | undefined;
    for (const entry of entries) {
      const isSame = timingSafeEqual(entry.digest, digest);
      if (isSame && isFor(entry.found, organizationId)) found = entry.found;
    }
    return found;
  };
}

/** The user's own lookup, with a look at what it gives. */
function checking(lookup: CredentialLookup): CredentialLookup {
  return async (apiKey, organizationId) => {
    const found = await lookup(apiKey, organizationId);
    if (found === undefined) return undefined;
    checkCredential('audioHook: what credentials() gave', found);
    return isFor(found, organizationId) ? found : undefined;
  };
}

/** A copy, so that the caller's later changes have no effect. */
function copied({ clientSecret, organizationIds }: FoundCredential): FoundCredential {
  return {
    ...(clientSecret !== undefined && { clientSecret }),
    ...(organizationIds !== undefined && { organizationIds: [...organizationIds] }),
  };
}

function isFor({ organizationIds }: FoundCredential, organizationId: string): boolean {
  const id = organizationId.toLowerCase();
  return organizationIds?.some((allowed) => allowed.toLowerCase() === id) ?? true;
}

/** Whether there is an organisation that both are for. */
function overlap(one: FoundCredential, other: FoundCredential): boolean {
  return one.organizationIds?.some((id) => isFor(other, id)) ?? true;
}

/** What it is, where it is not shown: it might be a key. */
function kindOf(value: unknown): string {
  return value === null ? 'null' : typeof value;
}

function digestOf(apiKey: string): Buffer {
  return createHash('sha256').update(apiKey).digest();
}

/** All but the key. A member that is there and undefined is refused: a variable that is not set would open the door. */
function checkCredential(where: string, credential: unknown): void {
  if (typeof credential !== 'object' || credential === null) {
    throw new TypeError(`${where} must be an object, got ${kindOf(credential)}`);
  }
  knownOptions(where, credential, ['apiKey', 'clientSecret', 'organizationIds']);
  if ('clientSecret' in credential) checkSecret(`${where}.clientSecret`, credential.clientSecret);
  if ('organizationIds' in credential) checkOrganizations(`${where}.organizationIds`, credential.organizationIds);
}

/** Printable ASCII, as a header and a signature can carry it. */
const API_KEY = /^[!-~](?:[ -~]*[!-~])?$/;

function checkApiKey(where: string, apiKey: unknown): void {
  if (typeof apiKey !== 'string') throw new TypeError(`${where}.apiKey must be a string, got ${kindOf(apiKey)}`);
  if (!API_KEY.test(apiKey)) {
    throw new RangeError(`${where}.apiKey must be printable ASCII that is not empty, with no space at its ends`);
  }
}

/** HMAC fills a secret up with zeros (RFC 2104 section 2), so one of zeros is as good as none. */
function checkSecret(where: string, clientSecret: unknown): void {
  const allowed = 'base64 of bytes that are not all 0; left out where requests are not signed';
  if (typeof clientSecret !== 'string') throw new TypeError(`${where} must be ${allowed}; got ${kindOf(clientSecret)}`);
  if (!canonicalBase64(clientSecret)?.some((byte) => byte !== 0)) throw new RangeError(`${where} must be ${allowed}`);
}

function checkOrganizations(where: string, organizationIds: unknown): void {
  if (!Array.isArray(organizationIds)) throw optionError(where, 'an array of UUIDs', organizationIds, true);
  if (organizationIds.length === 0) throw new RangeError(`${where} must have at least one entry; left out for any`);
  organizationIds.forEach((id: unknown, index) => {
    if (!isUuid(id)) throw optionError(`${where}[${index}]`, 'a UUID', id, typeof id !== 'string');
  });
}
