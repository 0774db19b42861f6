import { finalize, identity, ReplaySubject, tap, type Observable } from 'rxjs';
import { audit } from '../../../operators/audit.ts';
import { checksum } from '../../../operators/checksum.ts';
import type { ConnectionState } from '../../../operators/connection-state.ts';
import { decode } from '../../../operators/decode.ts';
import type { AnyFrame, RawFrame } from '../../../operators/frame.ts';
import { metrics } from '../../../operators/metrics.ts';
import { sizeGate } from '../../../operators/size-gate.ts';
import { validate } from '../../../operators/validate.ts';
import { replay, type ReplayOptions, type ReplayProgress } from '../../capture/replay.ts';
import { genesysTypes } from '../../genesys/payload-types.ts';
import { counted } from '../terminal/counted.ts';
import { notificationOutcomes } from './notification-outcomes.ts';
import type { OutcomeSource } from './outcome-source.ts';
import { progressBar } from '../terminal/progress-bar.ts';

/** **Recorded frames**, through the stages that a stream of Genesys Cloud has. */
export function replaySource(
  files: readonly string[],
  options: Pick<ReplayOptions, 'pace' | 'from' | 'to'>,
  areNotifications: boolean,
): OutcomeSource {
  const [first = ''] = files;
  const name = files.length === 1 ? first : counted(files.length, 'file');
  const isRange = options.from !== undefined || options.to !== undefined;
  return {
    name,
    open: ({ flow, meter, audit: sink, notice: next }) => {
      const state$ = new ReplaySubject<ConnectionState>(1);
      state$.next({ status: 'open', connectionId: 'replay' });
      let received = 0;
      let progress: ReplayProgress = { file: first, bytesRead: 0, bytesTotal: 0, frames: 0 };
      const frames$ = replay(files, {
        ...options,
        flow,
        progress: { next: (report) => (progress = report) },
        notices: { next },
      }).pipe(
        tap({
          next: () => (received += 1),
          complete: () => {
            if (received === 0) next({ type: 'no-frames', source: name, isRange });
          },
        }),
      );
      const judged$ = areNotifications ? notificationOutcomes(frames$) : endpointOutcomes(frames$);
      return {
        outcomes$: judged$.pipe(
          metrics(meter),
          sink === undefined ? identity : audit(sink),
          finalize(() => state$.next({ status: 'closed', connectionId: 'replay' })),
        ),
        state$,
        counts: () => [counted(files.length, 'file')],
        progress: () => progressBar(progress.bytesRead, progress.bytesTotal),
        received: () => received,
      };
    },
  };
}

function endpointOutcomes(frames$: Observable<RawFrame>): Observable<AnyFrame> {
  return frames$.pipe(sizeGate(), decode(genesysTypes), validate(), checksum());
}
