import { readDotEnv } from '../arguments/read-dot-env.ts';
import { UsageError } from '../arguments/usage-error.ts';

/** What requests are let in by, and where it stood, for messages: these have no secret. */
export interface Credentials {
  readonly apiKey: string;
  readonly apiKeyFrom: string;
  /** Undefined: requests are not signed. */
  readonly clientSecret: string | undefined;
  readonly clientSecretFrom: string;
}

const API_KEY = 'AUDIOHOOK_API_KEY';
const CLIENT_SECRET = 'AUDIOHOOK_CLIENT_SECRET';

/**
 * **Takes the API key and the client secret from the environment, else from a file `.env`** in the working directory. An empty one counts
 * as not given. There is no flag for them: every user of the machine could read it.
 *
 * @param command - the name of the command, for the message on what is missing
 * @param isUnsigned - whether it goes without a client secret
 * @throws UsageError where something is missing, or a secret is there that `isUnsigned` would leave unused
 */
export function readCredentials(
  command: string,
  isUnsigned: boolean,
  environment: Readonly<Record<string, string | undefined>>,
): Credentials {
  const dotEnv = readDotEnv();
  const find = (variable: string) =>
    [
      { value: environment[variable], from: variable },
      { value: dotEnv[variable], from: `${variable} in .env` },
    ].find(({ value }) => value !== undefined && value !== '');

  const apiKey = find(API_KEY);
  const clientSecret = find(CLIENT_SECRET);
  if (isUnsigned && clientSecret !== undefined) {
    throw new UsageError(`--unsigned doesn't go with ${clientSecret.from}: leave out one of them`);
  }
  if (apiKey?.value === undefined || (clientSecret === undefined && !isUnsigned)) {
    const missing = [...(apiKey ? [] : ['API key']), ...(clientSecret || isUnsigned ? [] : ['client secret'])];
    throw new UsageError(howToGive(command, missing, isUnsigned));
  }
  return {
    apiKey: apiKey.value,
    apiKeyFrom: apiKey.from,
    clientSecret: clientSecret?.value,
    clientSecretFrom: clientSecret?.from ?? CLIENT_SECRET,
  };
}

function howToGive(command: string, missing: readonly string[], isUnsigned: boolean): string {
  const secret = isUnsigned ? [] : [`${CLIENT_SECRET}=SECRET`];
  const unsigned = missing.includes('client secret')
    ? `
Without a client secret anyone who has seen the key can use it, because nothing is signed. Where that is meant: --unsigned`
    : '';
  return `there is no ${missing.join(' and no ')}. ${missing.length === 1 ? 'It is' : 'They are'} taken from, in this order:

  1. the environment          export ${[`${API_KEY}=KEY`, ...secret].join(' ')}
  2. a file .env in this      ${API_KEY}=KEY
     folder, with the lines   ${secret.join('')}

KEY and SECRET are those of the AudioHook integration: Admin > Integrations > Credentials. SECRET is base64.
For a trial any will do, as long as both ends have the same: rxframe ${
    command === 'audiohook' ? 'simulate-audiohook' : 'audiohook'
  } reads them, too.${unsigned}`.replace(/ +$/gm, '');
}
