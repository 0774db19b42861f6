import { connect, reconnect } from 'rxframe';
import { Meter } from 'rxframe/operators';
import { sixStages } from '../../six-stages.ts';
import type { PageClient } from './page-client.ts';

/** The job as this package does it: the six stages. */
export const rxframe: PageClient = async ({ url, maxBytes, consume }) => {
  const meter = new Meter();
  await connect({ url })
    .pipe(reconnect(), sixStages(meter, maxBytes))
    .forEach(({ sequence }) => consume(sequence));
  const { accepted, byReason } = meter.snapshot();
  return { accepted, ...byReason };
};
