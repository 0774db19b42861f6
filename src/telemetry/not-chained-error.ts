/** **An audit log that was not written with `chain`**: there is nothing to verify. */
export class NotChainedError extends Error {
  /** @param files - where no record is chained */
  constructor(files: readonly string[]) {
    super(
      `There is no chained record in ${files.join(', ')}. Only a log that was written with a chain can be verified: pinoAuditSink({ chain: true }), or rxframe listen --audit-chain.`,
    );
    this.name = 'NotChainedError';
  }
}
