import { errors } from '@nats-io/transport-node';
import { AuthError, NetworkError, RxFrameError, TlsError } from '../../../operators/errors.ts';
import { printable } from '../../../operators/printable.ts';
import { isCertificateFailure } from '../../connection/is-certificate-failure.ts';
import { GroupError } from '../../jetstream/consume/group-error.ts';
import { StreamChangeError } from '../../jetstream/streams/stream-change-error.ts';
import { UsageError } from '../arguments/usage-error.ts';

/** NATS has no numbers for its refusals; this is what HTTP calls them. */
const UNAUTHORIZED = 401;
/** The certificate is trusted, and is for somebody else. */
const OTHER_NAME = 'ERR_TLS_CERT_ALTNAME_INVALID';

/**
 * **What the client of NATS threw, in our terms.** Errors that are ours, and defects, stay as they are. None shows a secret, or has a `cause` that
 * could.
 *
 * @param at - the servers, for the message
 */
export function engineError(at: string, error: unknown): unknown {
  if (error instanceof StreamChangeError || error instanceof GroupError) {
    return new UsageError(error.message, { cause: error });
  }
  if (!(error instanceof Error) || error instanceof RxFrameError || error instanceof UsageError) return error;
  const code = codeOf(error) ?? codeOf(error.cause);
  if (code !== undefined && isCertificateFailure(code)) {
    return new TlsError(
      `The certificate of NATS at ${at} does not verify (${code}). ${
        code === OTHER_NAME
          ? 'It is for other names than the one in --nats or NATS_URL.'
          : 'If it is your own, name its authority: --nats-ca.'
      }`,
    );
  }
  if (isRefusal(error)) {
    return new AuthError(
      `Authentication failed: NATS at ${at} does not accept who we are, or what we want to do (${printable(error.message)}). Check NATS_USER and NATS_PASSWORD, NATS_TOKEN, or the file of --nats-creds, and what they permit.`,
      UNAUTHORIZED,
    );
  }
  if (code !== undefined) {
    return new NetworkError(`NATS can't be reached at ${at}: ${code}. --nats or NATS_URL says where it is.`);
  }
  if (error instanceof errors.TimeoutError) return new NetworkError(`NATS at ${at} did not answer in time.`);
  return isClients(error) ? new NetworkError(`NATS at ${at}: ${printable(error.message)}.`) : error;
}

function isRefusal(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof errors.AuthorizationError || error instanceof errors.UserAuthenticationExpiredError) return true;
  return error instanceof errors.PermissionViolationError || isRefusal(error.cause);
}

/** Whether it tells of the server or the connection. Not all classes of JetStream's errors are exported. */
function isClients(error: Error): boolean {
  return /^JetStream/.test(error.name) || Object.values(errors).some((kind) => error instanceof kind);
}

/** The code that the system or OpenSSL has given it; the engine's are numbers. */
function codeOf(error: unknown): string | undefined {
  const code = (error as { readonly code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}
