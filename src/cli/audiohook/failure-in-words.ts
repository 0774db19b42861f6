/** What OpenSSL says where the answer is no TLS. */
const NO_TLS = /:SSL routines:.*(?:wrong version number|packet length too long|record layer failure)/;
/** What OpenSSL and Node say where no authority that is trusted stands behind a certificate. */
const NOT_TRUSTED = /^(?:self[- ]signed certificate|unable to (?:verify|get (?:local )?issuer))/;

/** **What a socket failed with, and what to do**, where the system's words leave that open. */
export function failureInWords(failure: string): string {
  if (NO_TLS.test(failure)) return 'the server does not speak TLS: use ws://';
  if (NOT_TRUSTED.test(failure))
    return `${failure}: where it is your own, give its authority as NODE_EXTRA_CA_CERTS=FILE`;
  return failure;
}
