import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { isSafeForSecrets } from '../connection/address.ts';
import { hostsOf } from '../genesys/regions.ts';
import { UsageError } from './usage-error.ts';

/** Where to connect, and as whom. */
export interface Configuration {
  readonly loginUrl: string;
  readonly streamUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** The flags that configure. There is none for the secret. */
export interface ConfigurationFlags {
  readonly env?: string | undefined;
  readonly 'login-url'?: string | undefined;
  readonly 'stream-url'?: string | undefined;
  readonly 'client-id'?: string | undefined;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** A setting, and where it stood: for messages. */
interface Setting {
  readonly value: string;
  readonly from: string;
}

/**
 * **Takes each setting from the flags, else from the environment, else from a file `.env`** in the working directory. An
 * empty one counts as not given. Addresses win over the region, wherever they stand.
 *
 * @throws UsageError where something is missing or not allowed
 */
export function readConfiguration(flags: ConfigurationFlags, environment: Variables): Configuration {
  const dotEnv = readDotEnv();
  const find = (variable: string, flag?: keyof ConfigurationFlags): Setting | undefined => {
    const places: [string | undefined, string][] = [
      [flag && flags[flag], `--${flag ?? ''}`],
      [environment[variable], variable],
      [dotEnv[variable], `${variable} in .env`],
    ];
    for (const [value, from] of places) if (value !== undefined && value !== '') return { value, from };
    return undefined;
  };

  const clientId = find('GENESYS_CLIENT_ID', 'client-id');
  const clientSecret = find('GENESYS_CLIENT_SECRET');
  const region = find('GENESYS_ENV', 'env');
  const login = find('GENESYS_LOGIN_URL', 'login-url');
  const stream = find('GENESYS_STREAM_URL', 'stream-url');

  const otherAddress = login ? ' (or --stream-url)' : stream ? ' (or --login-url)' : '';
  const missing = [
    ...(clientId ? [] : ['client id']),
    ...(clientSecret ? [] : ['client secret']),
    ...((region ?? (login && stream)) ? [] : [`region${otherAddress}`]),
  ];
  if (!clientId || !clientSecret || missing.length > 0) throw new UsageError(firstRun(missing));

  return {
    loginUrl: login ? address(login, 'https:', 'http:') : ofRegion(region).loginUrl,
    streamUrl: stream ? address(stream, 'wss:', 'ws:') : ofRegion(region).streamUrl,
    clientId: clientId.value,
    clientSecret: clientSecret.value,
  };
}

function readDotEnv(): Variables {
  try {
    return parseEnv(readFileSync('.env', 'utf8'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return {};
    throw new UsageError(`the file .env can't be read (${code ?? 'unknown error'})`, { cause: error });
  }
}

/** An address of a server. Shown without the parts in which secrets may stand. */
function address({ value, from }: Setting, secure: string, insecure: string): string {
  const allowed = `${from} must be an address that starts with ${secure}//, or on loopback with ${insecure}//`;
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined) throw new UsageError(`${allowed}, and is not`);
  if (url.protocol !== secure && !(url.protocol === insecure && isSafeForSecrets(url))) {
    throw new UsageError(`${allowed}, got ${url.protocol}//${url.host}`);
  }
  return value;
}

function ofRegion(region: Setting | undefined): ReturnType<typeof hostsOf> {
  const { value, from } = region as Setting;
  try {
    return hostsOf(from, value);
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

function firstRun(missing: readonly string[]): string {
  return `there is no ${missing.join(', no ')}. ${missing.length === 1 ? 'It is' : 'They are'} taken from, in this order:

  1. flags (not the secret)   npx rxframe listen --env eu-central-1 --client-id ID
  2. the environment          export GENESYS_ENV=eu-central-1 GENESYS_CLIENT_ID=ID GENESYS_CLIENT_SECRET=SECRET
  3. a file .env in this      GENESYS_ENV=eu-central-1
     folder, with the lines   GENESYS_CLIENT_ID=ID
                              GENESYS_CLIENT_SECRET=SECRET

ID and SECRET are those of an OAuth client with the client credentials grant: Admin > Integrations > OAuth.
Without one: npx rxframe listen --simulate`;
}
