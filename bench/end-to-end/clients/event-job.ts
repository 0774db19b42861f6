import { hash, randomUUID } from 'node:crypto';
import { MAX_BYTES } from '../../corpus.ts';
import { handAuditLog } from '../hand-audit-log.ts';
import { handFusedText } from '../hand-fused-text.ts';
import type { Outcomes } from '../outcomes.ts';

/** The job by hand on messages of browser-style events, whatever library brings them. */
export interface EventJob {
  /** Gives what takes the messages of one connection. */
  readonly connection: () => (data: string | ArrayBuffer) => void;
  readonly finish: () => Promise<Outcomes>;
}

/** Starts an {@link EventJob}. */
export function eventJob(auditFile: string, consume: (sequence: number) => void): EventJob {
  const log = handAuditLog(auditFile);
  const job = handFusedText({
    maxBytes: MAX_BYTES,
    sha256: (text) => hash('sha256', text, 'base64'),
    log: log.write,
    accept: ({ message }) => consume(message.sequence),
  });
  return {
    connection() {
      const connectionId = randomUUID();
      let sequence = 0;
      return (data) => {
        const receivedAt = performance.now();
        const timestamp = Date.now();
        const byteLength = typeof data === 'string' ? Buffer.byteLength(data) : data.byteLength;
        job.take({ data, byteLength, connectionId, sequence: sequence++, timestamp, receivedAt });
      };
    },
    async finish() {
      await log.close();
      return job.counts().outcomes;
    },
  };
}
