import { isSafeForSecrets } from '../../connection/address.ts';
import { hostsOf } from '../../genesys/regions.ts';
import { readDotEnv } from './read-dot-env.ts';
import { UsageError } from './usage-error.ts';

/** The addresses that a command may need: where each is set, and how it starts; the insecure way on loopback only. */
const ADDRESSES = {
  loginUrl: { flag: 'login-url', variable: 'GENESYS_LOGIN_URL', secure: 'https:', insecure: 'http:' },
  apiUrl: { flag: 'api-url', variable: 'GENESYS_API_URL', secure: 'https:', insecure: 'http:' },
  streamUrl: { flag: 'stream-url', variable: 'GENESYS_STREAM_URL', secure: 'wss:', insecure: 'ws:' },
} as const;

/** An address that a command may need. */
export type Address = keyof typeof ADDRESSES;

/** Where to connect, and as whom. */
export type Configuration<Needed extends Address> = Readonly<Record<Needed | 'clientId' | 'clientSecret', string>> & {
  /** Where each setting stood, for people: `region from GENESYS_ENV`. Has no secret. */
  readonly places: readonly string[];
};

/** The flags that configure. There is none for the secret. */
export type ConfigurationFlags = {
  readonly [flag in 'env' | 'client-id' | (typeof ADDRESSES)[Address]['flag']]?: string | undefined;
};

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
 * @param command - the name of the command, for the message on what is missing
 * @param needed - the addresses that it needs
 * @throws UsageError where something is missing or not allowed
 */
export function readConfiguration<Needed extends Address>(
  command: string,
  needed: readonly Needed[],
  flags: ConfigurationFlags,
  environment: Variables,
): Configuration<Needed> {
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
  const given = needed.map((name) => ({ name, setting: find(ADDRESSES[name].variable, ADDRESSES[name].flag) }));

  const others = given.filter(({ setting }) => setting === undefined).map(({ name }) => `--${ADDRESSES[name].flag}`);
  const otherAddress = others.length < given.length ? ` (or ${others.join(', ')})` : '';
  const missing = [
    ...(clientId ? [] : ['client id']),
    ...(clientSecret ? [] : ['client secret']),
    ...((region ?? others.length === 0) ? [] : [`region${otherAddress}`]),
  ];
  if (!clientId || !clientSecret || missing.length > 0) throw new UsageError(firstRun(command, missing));

  const addresses = given.map(({ name, setting }): [string, string] => [
    name,
    setting ? address(setting, ADDRESSES[name]) : ofRegion(region)[name],
  ]);
  return {
    ...(Object.fromEntries(addresses) as Record<Needed, string>),
    clientId: clientId.value,
    clientSecret: clientSecret.value,
    places: [
      ...(region && others.length > 0 ? [`region ${region.value} from ${region.from}`] : []),
      ...given.flatMap(({ name, setting }) => (setting ? [`${ADDRESSES[name].flag} from ${setting.from}`] : [])),
      `client id from ${clientId.from}`,
      `client secret from ${clientSecret.from}`,
    ],
  };
}

/** An address of a server. Shown without the parts in which secrets may stand. */
function address({ value, from }: Setting, { secure, insecure }: (typeof ADDRESSES)[Address]): string {
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

function firstRun(command: string, missing: readonly string[]): string {
  return `there is no ${missing.join(', no ')}.
${missing.length === 1 ? 'It is' : 'They are'} taken from, in this order:

  1. flags, but for the secret
       npx rxframe ${command} --env eu-central-1 --client-id ID

  2. the environment
       export GENESYS_ENV=eu-central-1
       export GENESYS_CLIENT_ID=ID
       export GENESYS_CLIENT_SECRET=SECRET

  3. a file .env in this folder, with the lines
       GENESYS_ENV=eu-central-1
       GENESYS_CLIENT_ID=ID
       GENESYS_CLIENT_SECRET=SECRET

ID and SECRET are those of an OAuth client with the client credentials grant:
in Genesys Cloud under Admin > Integrations > OAuth.

Without one: npx rxframe ${command} --simulate`;
}
