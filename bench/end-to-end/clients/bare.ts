import { randomUUID } from 'node:crypto';
import { WebSocket } from 'ws';
import { MAX_BYTES } from '../../corpus.ts';
import { handFused } from '../../hand-fused.ts';
import { handAuditLog } from '../hand-audit-log.ts';
import type { StartClient } from './client.ts';

/** The job by hand, on a bare `ws` client. */
export const bare: StartClient = (auditFile, consume) => {
  const log = handAuditLog(auditFile);
  const job = handFused({ maxBytes: MAX_BYTES, log: log.write, accept: ({ message }) => consume(message.sequence) });
  return {
    run(url) {
      const connectionId = randomUUID();
      let sequence = 0;
      const socket = new WebSocket(url, { skipUTF8Validation: true });
      socket.on('message', (rawData: Buffer, isBinary) => {
        const receivedAt = performance.now();
        const timestamp = Date.now();
        const { byteLength } = rawData;
        job.take({ rawData, byteLength, isBinary, connectionId, sequence: sequence++, timestamp, receivedAt });
      });
      return new Promise((resolve, reject) => {
        socket.on('error', reject);
        socket.on('close', (code) => (code === 1000 ? resolve() : reject(new Error(`It was closed with ${code}.`))));
      });
    },
    async finish() {
      await log.close();
      const { accepted, byReason } = job.counts();
      return { accepted, ...byReason };
    },
  };
};
