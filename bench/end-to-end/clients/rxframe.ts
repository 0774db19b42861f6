import { connect, reconnect } from 'rxframe';
import { genesysTypes } from 'rxframe/genesys';
import { pinoAuditSink } from 'rxframe/node';
import { accepted, audit, checksum, decode, Meter, metrics, sizeGate, validate } from 'rxframe/operators';
import { MAX_BYTES } from '../../corpus.ts';
import type { StartClient } from './client.ts';

/** The job as this package does it. */
export const rxframe: StartClient = (auditFile, consume) => {
  const meter = new Meter();
  // The log by hand has no bound. Of many streams more than the default comes in one turn of the event loop.
  const sink = pinoAuditSink({ destination: auditFile, maxBufferedBytes: 256 * 1024 * 1024 });
  return {
    run: (url) =>
      connect({ url })
        .pipe(
          reconnect(),
          sizeGate({ maxBytes: MAX_BYTES }),
          decode(genesysTypes),
          validate(),
          checksum(),
          metrics(meter),
          audit(sink),
          accepted(),
        )
        .forEach(({ sequence }) => consume(sequence)),
    async finish() {
      await sink.close();
      const { accepted, byReason } = meter.snapshot();
      return { accepted, ...byReason };
    },
  };
};
