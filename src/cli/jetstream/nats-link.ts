import { setImmediate } from 'node:timers/promises';
import type { NatsConnection } from '@nats-io/transport-node';
import { ReplaySubject } from 'rxjs';
import type { ConnectionState } from '../../../operators/connection-state.ts';
import { NetworkError } from '../../../operators/errors.ts';
import type { NatsWishes } from '../arguments/nats-flags.ts';
import { messageOf } from '../terminal/message-of.ts';
import { withNatsPackages } from './nats-packages.ts';

/** How long the last words to the server may take, in milliseconds. */
const CLOSE_TIMEOUT = 1_000;

/** **The connection to NATS of a command**: opened by whoever needs it first, and closed once. */
export class NatsLink {
  /** The last state of the connection, and each from then on. */
  readonly state$ = new ReplaySubject<ConnectionState>(1);
  readonly #wishes: NatsWishes;
  readonly #name: string;
  readonly #log: (text: string) => void;
  #connection: Promise<NatsConnection> | undefined;
  #isOpen = false;

  /** @param log - told of what keeps a lost connection from being made again */
  constructor(wishes: NatsWishes, name: string, log: (text: string) => void) {
    this.#wishes = wishes;
    this.#name = name;
    this.#log = log;
  }

  /** The servers that were named, for people. */
  get servers(): string {
    return this.#wishes.servers.join(', ');
  }

  /** Whether a server answers now. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** @throws what `connectToNats` throws; UsageError where the packages are not installed */
  open(): Promise<NatsConnection> {
    this.#connection ??= this.#connect();
    return this.#connection;
  }

  /** Says what is still to be said, and closes. Never rejects. */
  async close(): Promise<void> {
    const connection = await this.#connection?.catch(() => undefined);
    if (connection === undefined) return;
    // While the server is away nothing can be said, and nobody is waited for.
    if (!this.#isOpen) return connection.close();
    const timeout = setTimeout(() => void connection.close(), CLOSE_TIMEOUT);
    // Where it is closed meanwhile, what is waited for never comes.
    await Promise.race([lastWords(connection), connection.closed()]);
    clearTimeout(timeout);
  }

  async #connect(): Promise<NatsConnection> {
    this.#report('connecting', this.servers);
    const { connectToNats } = await withNatsPackages(() => import('./connect-to-nats.ts'));
    const connection = await connectToNats(this.#wishes, this.#name);
    this.#report('open', connection.getServer());
    void this.#watch(connection);
    return connection;
  }

  /** Follows the connection until it is closed for good. */
  async #watch(connection: NatsConnection): Promise<void> {
    let server = connection.getServer();
    let wasRefused = false;
    for await (const status of connection.status()) {
      if (status.type === 'disconnect') {
        const cause = new NetworkError(`The connection to NATS at ${server} was lost.`);
        this.state$.next({ status: 'closed', connectionId: server, cause });
        this.#report('connecting', server);
      } else if (status.type === 'error' && !this.#isOpen && !wasRefused) {
        wasRefused = true;
        this.#log(`NATS refuses the connection, and is asked again: ${messageOf(status.error)}`);
      } else if (status.type === 'reconnect') {
        wasRefused = false;
        server = connection.getServer();
        this.#report('open', server);
      }
    }
    this.#report('closed', server);
  }

  #report(status: 'connecting' | 'open' | 'closed', connectionId: string): void {
    this.#isOpen = status === 'open';
    this.state$.next({ status, connectionId });
  }
}

/** Lets go out what is given back now, or once the last answer has come: leases, a place in a group. */
async function lastWords(connection: NatsConnection): Promise<void> {
  try {
    for (let round = 0; round < 2; round += 1) {
      await setImmediate();
      await connection.flush();
    }
    await connection.drain();
  } catch {
    // The connection was lost.
  }
}
