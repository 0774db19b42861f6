import { optionError } from '../../operators/options.ts';

/**
 * **The regions of Genesys Cloud**: the name of the AWS region, and the domain that all hosts of the region are under.
 *
 * Source: the region table of the platform's own client library, `purecloud-platform-client-v2`.
 */
export const regions = {
  'us-east-1': 'mypurecloud.com',
  'us-east-2': 'use2.us-gov-pure.cloud',
  'us-west-2': 'usw2.pure.cloud',
  'ca-central-1': 'cac1.pure.cloud',
  'sa-east-1': 'sae1.pure.cloud',
  'mx-central-1': 'mxc1.pure.cloud',
  'eu-west-1': 'mypurecloud.ie',
  'eu-west-2': 'euw2.pure.cloud',
  'eu-central-1': 'mypurecloud.de',
  'eu-central-2': 'euc2.pure.cloud',
  'eusc-de-east-1': 'edee1.eusc-pure.cloud',
  'ap-south-1': 'aps1.pure.cloud',
  'ap-northeast-1': 'mypurecloud.jp',
  'ap-northeast-2': 'apne2.pure.cloud',
  'ap-northeast-3': 'apne3.pure.cloud',
  'ap-southeast-1': 'apse1.pure.cloud',
  'ap-southeast-2': 'mypurecloud.com.au',
  'me-central-1': 'mec1.pure.cloud',
} as const;

/** A region by its AWS name (`eu-central-1`), or by its domain (`mypurecloud.de`). */
export type GenesysEnvironment = keyof typeof regions | (typeof regions)[keyof typeof regions];

/** Where tokens are issued: `https://login.{domain}`. @throws TypeError or RangeError where there is no such region */
export function loginUrl(env: GenesysEnvironment): string {
  return hostsOf('loginUrl: env', env).loginUrl;
}

/** Where the REST calls go: `https://api.{domain}`. @throws TypeError or RangeError where there is no such region */
export function apiUrl(env: GenesysEnvironment): string {
  return hostsOf('apiUrl: env', env).apiUrl;
}

/** The streaming endpoint: `wss://api.{domain}/api/v2/streaming/interactions`. @throws TypeError or RangeError where there is no such region */
export function streamUrl(env: GenesysEnvironment): string {
  return hostsOf('streamUrl: env', env).streamUrl;
}

/** The addresses of a region. */
export interface RegionHosts {
  readonly loginUrl: string;
  readonly apiUrl: string;
  readonly streamUrl: string;
}

/** The addresses of a region. `where` begins the error where there is no such region. */
export function hostsOf(where: string, env: string): RegionHosts {
  for (const [region, domain] of Object.entries(regions)) {
    if (env === region || env === domain) {
      return {
        loginUrl: `https://login.${domain}`,
        apiUrl: `https://api.${domain}`,
        streamUrl: `wss://api.${domain}/api/v2/streaming/interactions`,
      };
    }
  }
  const allowed = Object.entries(regions).map(([region, domain]) => `${region} or ${domain}`);
  throw optionError(
    where,
    `a region of Genesys Cloud or its domain (${allowed.join(', ')})`,
    env,
    typeof env !== 'string',
  );
}
