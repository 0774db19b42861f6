import { Observable } from 'rxjs';
import { accepted } from '../../../operators/accepted.ts';
import { checksum } from '../../../operators/checksum.ts';
import { decode } from '../../../operators/decode.ts';
import { RawFrame, type AnyFrame, type Receipt } from '../../../operators/frame.ts';
import { Meter } from '../../../operators/meter.ts';
import { metrics } from '../../../operators/metrics.ts';
import { sizeGate } from '../../../operators/size-gate.ts';
import { validate } from '../../../operators/validate.ts';
import { genesysTypes } from '../../genesys/payload-types.ts';

/** The standard pipeline as far as one of its stages. */
export interface PipelinePart {
  /** The last stage, by its file's name. */
  readonly stage: string;
  /** The pipeline from the start as far as this stage. */
  readonly outcomes$: Observable<AnyFrame>;
}

/** **The pipeline of `frameStream`, without a socket and an audit**: each part has one stage more than the one before. */
export function standardPipeline(corpus: readonly Receipt[], meter = new Meter()): readonly PipelinePart[] {
  const received$ = new Observable<RawFrame>((subscriber) => {
    for (const receipt of corpus) subscriber.next(new RawFrame(receipt));
    subscriber.complete();
  });
  const gated$ = received$.pipe(sizeGate());
  const decoded$ = gated$.pipe(decode(genesysTypes));
  const validated$ = decoded$.pipe(validate());
  const checked$ = validated$.pipe(checksum());
  const counted$ = checked$.pipe(metrics(meter));
  return [
    { stage: 'receipt', outcomes$: received$ },
    { stage: 'size-gate', outcomes$: gated$ },
    { stage: 'decode', outcomes$: decoded$ },
    { stage: 'validate', outcomes$: validated$ },
    { stage: 'checksum', outcomes$: checked$ },
    { stage: 'metrics', outcomes$: counted$ },
    { stage: 'accepted', outcomes$: counted$.pipe(accepted()) },
  ];
}
