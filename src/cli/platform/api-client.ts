import { clientCredentials } from '../../auth/client-credentials.ts';
import { platformApi, type PlatformApi, type PlatformApiOptions } from '../../genesys/platform-api.ts';
import type { Configuration } from '../arguments/configuration.ts';

/** Where the REST API is, and as whom it is called. */
export type ApiAccess = Pick<Configuration<'loginUrl' | 'apiUrl'>, 'loginUrl' | 'apiUrl' | 'clientId' | 'clientSecret'>;

/** **A client of the platform's REST API.** It asks for no scopes: what it may do, the roles of the OAuth client say. */
export function apiClient(
  { loginUrl, apiUrl, clientId, clientSecret }: ApiAccess,
  options: Pick<PlatformApiOptions, 'attempts' | 'fetch'> = {},
): PlatformApi {
  const token = clientCredentials({ loginUrl, clientId, clientSecret, scopes: [], ...options });
  return platformApi({ apiUrl, token, ...options });
}
