import { NetworkError, TlsError } from '../../operators/errors.ts';
import { isCertificateFailure } from '../connection/is-certificate-failure.ts';

/**
 * What `fetch` threw, in our terms. Only its code is taken: its other members may hold parts of the answer.
 *
 * @param what - what the request is called, such as `token request`
 */
export function fetchFailure(host: string, what: string, error: unknown): NetworkError | TlsError {
  const code = codeOf(error) ?? codeOf((error as Error).cause);
  if (code !== undefined && isCertificateFailure(code)) {
    return new TlsError(
      `The certificate of ${host} does not verify (${code}). If it is your own, trust its authority: NODE_EXTRA_CA_CERTS.`,
    );
  }
  return new NetworkError(`The ${what} to ${host} failed${code === undefined ? '' : `: ${code}`}.`);
}

function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}
