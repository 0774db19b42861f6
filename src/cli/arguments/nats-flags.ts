import { isSafeForSecrets } from '../../connection/address.ts';
import type { FlagValues } from './flags.ts';
import { readDotEnv } from './read-dot-env.ts';
import { UsageError } from './usage-error.ts';

/** The flags by which a command finds NATS. There is none for a secret. */
export const NATS_FLAGS = {
  nats: { type: 'string' },
  'nats-creds': { type: 'string' },
  'nats-ca': { type: 'string' },
  'nats-insecure': { type: 'boolean' },
} as const;

/** Their part of a help text. */
export const NATS_HELP = `NATS
  --nats URL[,URL…]      nats:// or tls://, of one server or more of a cluster                     NATS_URL
                         without it: nats://127.0.0.1:4222
  --nats-creds FILE      a credentials file, of an account with JWTs                               NATS_CREDS
                         user and password, or a token; never flags   NATS_USER, NATS_PASSWORD, NATS_TOKEN
  --nats-ca FILE         the certificate that the servers' are signed with; asks for TLS           NATS_CA
  --nats-insecure        a password or a token may go unencrypted to another machine, over a network that you trust
  Each is taken from the flags, else the environment, else the file .env in this folder. The URL of the environment may
  have user and password, or a token, in it. A connection that is lost is made again, for ever.`;

/** Where NATS is, and as whom. */
export interface NatsWishes {
  /** Each with its port. */
  readonly servers: readonly string[];
  readonly isEncrypted: boolean;
  /** The file with the certificate of the authority. */
  readonly ca: string | undefined;
  /** The file with the credentials. */
  readonly creds: string | undefined;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly token: string | undefined;
  /** Whether only the servers that were named may be connected to: others may be where a secret can be read on the way. */
  readonly onlyThese: boolean;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** A server's address, and who is in it. */
interface ServerAddress {
  readonly host: string;
  readonly isLoopback: boolean;
  readonly isEncrypted: boolean;
  readonly user: string | undefined;
  readonly password: string | undefined;
}

const DEFAULT_URL = 'nats://127.0.0.1:4222';
const DEFAULT_PORT = '4222';

/**
 * Where NATS is, by the flags and the environment. An empty variable counts as not given.
 *
 * @throws UsageError where something is not allowed; it shows no secret
 */
export function natsWishes(flags: FlagValues<typeof NATS_FLAGS>, environment: Variables): NatsWishes {
  const dotEnv = readDotEnv();
  const variable = (name: string) => environment[name] || dotEnv[name] || undefined;

  const url = flags.nats ?? variable('NATS_URL') ?? DEFAULT_URL;
  const from = flags.nats === undefined ? 'NATS_URL' : '--nats';
  const servers = url.split(',').map((one) => serverAddress(from, one.trim()));
  const isEncrypted = servers.some((server) => server.isEncrypted);
  if (isEncrypted && !servers.every((server) => server.isEncrypted)) {
    throw new UsageError(`${from}: all servers start with tls://, or none`);
  }
  const ca = flags['nats-ca'] ?? variable('NATS_CA');
  const creds = flags['nats-creds'] ?? variable('NATS_CREDS');
  const who = whoIn(from, servers) ?? {
    user: variable('NATS_USER'),
    password: variable('NATS_PASSWORD'),
    token: variable('NATS_TOKEN'),
  };
  checkWho(who, creds);

  const isSafe = isEncrypted || ca !== undefined;
  const hasSecret = who.password !== undefined || who.token !== undefined;
  const isInsecureMeant = flags['nats-insecure'] === true;
  const open = servers.find((server) => !server.isLoopback);
  if (hasSecret && !isSafe && !isInsecureMeant && open !== undefined) {
    throw new UsageError(
      `a password or a token goes over TLS or to loopback only, not to nats://${open.host}. Use tls://, or --nats-ca; where the network in between is trusted, --nats-insecure`,
    );
  }
  return {
    servers: servers.map(({ host }) => host),
    isEncrypted: isSafe,
    ca,
    creds,
    ...who,
    onlyThese: hasSecret && !isSafe && !isInsecureMeant,
  };
}

type Who = Pick<NatsWishes, 'user' | 'password' | 'token'>;

function serverAddress(from: string, text: string): ServerAddress {
  const allowed = `${from} must be addresses such as nats://127.0.0.1:4222 or tls://nats.example.org, with commas between`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.host === '') throw new UsageError(`${allowed}; one of them is none`);
  const { protocol, hostname, pathname, search, hash } = url;
  if (protocol !== 'nats:' && protocol !== 'tls:') throw new UsageError(`${allowed}, got ${protocol}//${url.host}`);
  if (!['', '/'].includes(pathname) || search !== '' || hash !== '') {
    throw new UsageError(`${from}: nothing stands behind the host and the port, as in ${protocol}//${url.host}`);
  }
  if (from === '--nats' && (url.username !== '' || url.password !== '')) {
    throw new UsageError(
      "--nats: a secret can't be given as a flag: every user of this machine could read it in the list of processes. Put it into NATS_URL, or NATS_USER and NATS_PASSWORD, or NATS_TOKEN, in the environment or in a file .env in this folder.",
    );
  }
  return {
    host: `${hostname}:${url.port || DEFAULT_PORT}`,
    // As an address of the web, by which names and numbers are written in one way only.
    isLoopback: URL.canParse(`http://${hostname}`) && isSafeForSecrets(new URL(`http://${hostname}`)),
    isEncrypted: protocol === 'tls:',
    user: part(url.username),
    password: part(url.password),
  };
}

/** A part of a URL as it was meant. */
function part(encoded: string): string | undefined {
  if (encoded === '') return undefined;
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}

/** Who is named in the addresses: a user with a password, or a token alone; undefined where nobody is. */
function whoIn(from: string, servers: readonly ServerAddress[]): Who | undefined {
  const [first, ...others] = servers.filter(({ user, password }) => user !== undefined || password !== undefined);
  if (first === undefined) return undefined;
  const { user, password } = first;
  if (others.some((other) => other.user !== user || other.password !== password)) {
    throw new UsageError(`${from}: all servers have the same user and password`);
  }
  return password === undefined
    ? { user: undefined, password: undefined, token: user }
    : { user, password, token: undefined };
}

function checkWho({ user, password, token }: Who, creds: string | undefined): void {
  if ((user === undefined) !== (password === undefined)) {
    throw new UsageError('NATS_USER goes with NATS_PASSWORD');
  }
  const ways = [
    ...(user === undefined ? [] : ['a user with a password']),
    ...(token === undefined ? [] : ['a token']),
    ...(creds === undefined ? [] : ['a credentials file']),
  ];
  if (ways.length > 1) throw new UsageError(`NATS is given ${ways.join(' and ')}: leave out all but one`);
}
