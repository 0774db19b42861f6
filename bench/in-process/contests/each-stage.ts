import { from } from 'rxjs';
import { genesysTypes } from 'rxframe/genesys';
import {
  accepted,
  audit,
  checksum,
  decode,
  lift,
  Meter,
  metrics,
  preselect,
  rejected,
  sizeGate,
  validate,
  type AuditRecord,
  type AuditSink,
} from 'rxframe/operators';
import { corpus, MAX_BYTES } from '../../corpus.ts';
import type { Comparison } from '../comparison.ts';
import { collected } from './collected.ts';
import { through } from './through.ts';

/** A sink that costs nothing, and lets no record be optimised away. */
class LastRecord implements AuditSink {
  record: AuditRecord | undefined;

  write(record: AuditRecord): void {
    this.record = record;
  }
}

/** Each stage alone, on what the stages before it make of the corpus. Of these figures that of the empty stage is the hop. */
export async function eachStage(): Promise<Comparison[]> {
  const raw = await corpus();
  const gated = collected(from(raw).pipe(sizeGate({ maxBytes: MAX_BYTES })));
  const decoded = collected(from(gated).pipe(decode(genesysTypes)));
  const validated = collected(from(decoded).pipe(validate()));
  const outcomes = collected(from(validated).pipe(checksum()));
  const frames = raw.length;
  const sink = new LastRecord();
  return [
    {
      name: 'an empty stage',
      frames,
      ours: through(
        raw,
        lift((frame) => frame),
      ),
    },
    { name: 'sizeGate', frames, ours: through(raw, sizeGate({ maxBytes: MAX_BYTES })) },
    {
      name: 'preselect, all kept',
      frames,
      ours: through(raw, preselect(genesysTypes, ['interaction.update', 'telephony.media', 'keepalive'])),
    },
    { name: 'decode', frames, ours: through(gated, decode(genesysTypes)) },
    { name: 'validate', frames, ours: through(decoded, validate()) },
    { name: 'checksum', frames, ours: through(validated, checksum()) },
    { name: 'metrics', frames, ours: through(outcomes, metrics(new Meter())) },
    { name: 'audit, to a sink that writes nothing', frames, ours: through(outcomes, audit(sink)) },
    { name: 'accepted', frames, ours: through(outcomes, accepted()) },
    { name: 'rejected', frames, ours: through(outcomes, rejected()) },
  ];
}
