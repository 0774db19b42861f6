import { readFile } from 'node:fs/promises';
import { connect, credsAuthenticator, type NatsConnection } from '@nats-io/transport-node';
import type { NatsWishes } from '../arguments/nats-flags.ts';
import { UsageError } from '../arguments/usage-error.ts';
import { engineError } from './engine-error.ts';

/** How long a server may take to answer, in milliseconds. */
const CONNECT_TIMEOUT = 5_000;
/** How often a server is asked for a sign of life, in milliseconds; twice in vain, and it is taken for dead. */
const PING_INTERVAL = 10_000;
/** Between two attempts to connect again, in milliseconds. */
const RECONNECT_WAIT = 1_000;

/**
 * **Connects to NATS.** Where that can't be done at once it fails; a connection that is lost later is made again, for ever.
 *
 * @param name - what the servers' monitoring calls this client
 * @throws UsageError where a file can't be read, AuthError where the server does not accept who we are, TlsError where its certificate does
 *   not verify, NetworkError where it can't be reached
 */
export async function connectToNats(wishes: NatsWishes, name: string): Promise<NatsConnection> {
  const { servers, isEncrypted, ca, creds, user, password, token, onlyThese } = wishes;
  const authority = ca === undefined ? undefined : await contentOf('--nats-ca', ca);
  const credentials = creds === undefined ? undefined : await contentOf('--nats-creds', creds);
  try {
    return await connect({
      servers: [...servers],
      name,
      timeout: CONNECT_TIMEOUT,
      pingInterval: PING_INTERVAL,
      maxReconnectAttempts: -1,
      reconnectTimeWait: RECONNECT_WAIT,
      ignoreClusterUpdates: onlyThese,
      ...(isEncrypted && { tls: { ...(authority !== undefined && { ca: authority.toString() }) } }),
      ...(credentials !== undefined && { authenticator: credsAuthenticator(credentials) }),
      ...(user !== undefined && password !== undefined && { user, pass: password }),
      ...(token !== undefined && { token }),
    });
  } catch (error) {
    throw engineError(servers.join(', '), error);
  }
}

async function contentOf(flag: string, file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(`${flag}: ${JSON.stringify(file)} can't be read (${code ?? 'unknown error'})`, {
      cause: error,
    });
  }
}
