import { NetworkError, TlsError } from '../../operators/errors.ts';

/** The error codes of a certificate that does not verify, as Node and OpenSSL name them. */
const CERTIFICATE =
  /^(?:CERT_|ERR_TLS_CERT|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT|UNABLE_TO_(?:VERIFY|GET_ISSUER|DECODE_ISSUER))/;

/** What `fetch` threw, in our terms. Only its code is taken: its other members may hold parts of the answer. */
export function fetchFailure(host: string, error: unknown): NetworkError | TlsError {
  const code = codeOf(error) ?? codeOf((error as Error).cause);
  if (code !== undefined && CERTIFICATE.test(code)) {
    return new TlsError(
      `The certificate of ${host} does not verify (${code}). If it is your own, trust its authority: NODE_EXTRA_CA_CERTS.`,
    );
  }
  return new NetworkError(`The token request to ${host} failed${code === undefined ? '' : `: ${code}`}.`);
}

function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}
