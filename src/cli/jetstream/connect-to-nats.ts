import { readFile } from 'node:fs/promises';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect, credsAuthenticator, errors, type Authenticator, type NatsConnection } from '@nats-io/transport-node';
import { NetworkError, RxFrameError } from '../../../operators/errors.ts';
import { printable } from '../../../operators/printable.ts';
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
 *   not verify, NetworkError where it can't be reached, or has no JetStream
 */
export async function connectToNats(wishes: NatsWishes, name: string): Promise<NatsConnection> {
  const { servers, isEncrypted, ca, creds, user, password, token, onlyThese } = wishes;
  const authority = ca === undefined ? undefined : await contentOf('--nats-ca', ca);
  const authenticator = creds === undefined ? undefined : await authenticatorOf(creds);
  const at = servers.join(', ');
  let connection: NatsConnection;
  try {
    connection = await connect({
      servers: [...servers],
      name,
      timeout: CONNECT_TIMEOUT,
      pingInterval: PING_INTERVAL,
      maxReconnectAttempts: -1,
      // A cluster that starts may refuse what it will accept: its accounts are not there yet.
      ignoreAuthErrorAbort: true,
      reconnectTimeWait: RECONNECT_WAIT,
      ignoreClusterUpdates: onlyThese,
      ...(isEncrypted && { tls: { ...(authority !== undefined && { ca: authority.toString() }) } }),
      ...(authenticator !== undefined && { authenticator }),
      ...(user !== undefined && password !== undefined && { user, pass: password }),
      ...(token !== undefined && { token }),
    });
  } catch (error) {
    throw connectError(at, error);
  }
  if (await isWithoutJetStream(connection)) {
    await connection.close();
    throw new NetworkError(
      `NATS at ${at} has no JetStream: start it with nats-server -js, or allow it to this account.`,
    );
  }
  return connection;
}

/** Only where the server says so: who may ask for nothing but streams, or asks while a cluster begins, learns it later. */
async function isWithoutJetStream(connection: NatsConnection): Promise<boolean> {
  try {
    await jetstreamManager(connection);
    return false;
  } catch (error) {
    return error instanceof Error && /not enabled/.test(error.message);
  }
}

/** Nothing of ours is in what fails here: an answer that the client can't make sense of is a plain error to it, and no defect. */
function connectError(at: string, error: unknown): unknown {
  if (error instanceof errors.ConnectionError && error.message.includes('undefined error')) {
    return new NetworkError(`What answers at ${at} closes the connection before it has said anything.`);
  }
  const known = engineError(at, error);
  if (known instanceof RxFrameError || known instanceof UsageError || !(known instanceof Error)) return known;
  return new NetworkError(
    `What answers at ${at} does not talk as NATS does: ${printable(known.message)}. --nats or NATS_URL says where NATS is.`,
  );
}

async function authenticatorOf(file: string): Promise<Authenticator> {
  const authenticator = credsAuthenticator(await contentOf('--nats-creds', file));
  try {
    // The client looks into it only when a server asks.
    authenticator('a nonce');
  } catch {
    throw new UsageError(`--nats-creds: ${JSON.stringify(file)} is no credentials file: it has a JWT and a seed in it`);
  }
  return authenticator;
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
