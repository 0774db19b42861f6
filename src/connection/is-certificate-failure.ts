/** The error codes of a certificate that does not verify, as Node and OpenSSL name them. */
const CERTIFICATE =
  /^(?:CERT_|CRL_|ERR_TLS_CERT|ERROR_IN_C|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT|UNABLE_TO_|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED|HOSTNAME_MISMATCH)/;

/** Whether an error code of Node says that the server's certificate does not verify. */
export function isCertificateFailure(code: string): boolean {
  return CERTIFICATE.test(code);
}
