import {
  ApiError,
  AuthError,
  ChannelLimitError,
  NetworkError,
  ThrottledError,
  TimeoutError,
  TlsError,
} from '../../../operators/errors.ts';
import { proxyOf, type Proxy } from './proxy.ts';

/** **What to do about an error**, where its message does not say it all; undefined where it does. */
export function advice(error: Error): string | undefined {
  if (error instanceof AuthError) {
    return "In Genesys Cloud, see Admin > Integrations > OAuth: the client's grant type has to be client credentials, and the region has to be the organisation's.";
  }
  if (error instanceof ApiError && error.status === 403) {
    return 'Give a role of the OAuth client what the message says is missing: Admin > Integrations > OAuth > the client > Roles.';
  }
  if (error instanceof ApiError && error.status === 404) {
    return 'Check --api-url or GENESYS_API_URL: it is the address of the REST API without a path, https://api.DOMAIN.';
  }
  if (error instanceof ThrottledError) return 'Wait, and try again: other programs of this OAuth client are busy.';
  if (error instanceof ChannelLimitError) {
    return 'See them with rxframe channels list, and end programs that are not needed.';
  }
  if (error instanceof TlsError) {
    return 'A proxy that looks into TLS has an authority of its own: give its certificate as NODE_EXTRA_CA_CERTS=FILE.';
  }
  if (error instanceof NetworkError || error instanceof TimeoutError) return networkAdvice(proxyOf(process.env));
  return undefined;
}

function networkAdvice(proxy: Proxy | undefined): string {
  if (proxy === undefined) {
    return 'Check the name, the network, and that a firewall lets HTTPS and WebSockets on port 443 out.';
  }
  return proxy.isUsed
    ? `Check that the proxy of ${proxy.variable} can be reached, and lets WebSockets through.`
    : `${proxy.variable} is set, but Node goes through a proxy only where it is told to: NODE_USE_ENV_PROXY=1, from Node 22.21 and 24.5 on.`;
}
