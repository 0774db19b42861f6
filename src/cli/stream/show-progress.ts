import { interval, Subscription, type Observable } from 'rxjs';
import type { ConnectionState } from '../../../operators/connection-state.ts';
import type { Meter } from '../../../operators/meter.ts';
import { PresentState } from '../../../operators/present-state.ts';
import { progressStatus, stateChange, statusOf, type TimedState } from './progress.ts';
import { RateHistory } from '../terminal/rate-history.ts';
import type { StatusLine } from '../terminal/status-line.ts';

/** How often the live line is drawn anew, in milliseconds. */
const REFRESH = 200;
/** How many seconds the live line shows in bars. */
const HISTORY = 28;
/** How often the figures are logged where there is no live line, in milliseconds. */
const REPORT = 5_000;

/**
 * **Tells a person how the stream is doing**: one log line for each change of state; and the figures, on the live line, or
 * where there is none in a log line every five seconds.
 *
 * @param howFar - says how far it has come, where that tells more than the state of a connection
 * @returns what ends it, and takes the live line away
 */
export function showProgress(
  state$: Observable<ConnectionState>,
  meter: Pick<Meter, 'snapshot'>,
  line: StatusLine,
  howFar?: () => string,
): Subscription {
  let current: TimedState | undefined;
  const present = new PresentState<ConnectionState>();
  const history = new RateHistory(HISTORY, performance.now());

  const report = () => {
    if (current === undefined) return;
    const [snapshot, now] = [meter.snapshot(), performance.now()];
    history.update(snapshot.frames, now);
    const status =
      howFar === undefined
        ? statusOf(current, snapshot, history.rates, now)
        : progressStatus(howFar(), snapshot, history.rates);
    if (line.isLive) line.show(status);
    else line.log([status.state, ...status.facts].join('  '));
  };

  const showing = new Subscription(() => line.clear());
  showing.add(
    state$.subscribe((state) => {
      if (present.take(state)) current = { state, since: performance.now() };
      const change = howFar === undefined ? stateChange(state) : undefined;
      if (change !== undefined) line.log(change);
      if (line.isLive) report();
    }),
  );
  showing.add(interval(line.isLive ? REFRESH : REPORT).subscribe(report));
  return showing;
}
