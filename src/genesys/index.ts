/** What is particular to Genesys Cloud: `rxframe/genesys`. */
export {
  clientCredentials,
  type ClientCredentials,
  type ClientCredentialsOptions,
} from '../auth/client-credentials.ts';
export type { TokenSource } from '../auth/token-source.ts';
export { embeddedDigest } from './embedded-digest.ts';
export { genesysTypes } from './payload-types.ts';
export { loginUrl, regions, streamUrl, type GenesysEnvironment } from './regions.ts';
