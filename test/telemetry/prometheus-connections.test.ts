import { Subject, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { marbles } from '../../marble-tests/marbles.ts';
import type { ConnectionState } from '../../operators/connection-state.ts';
import { AuthError, ClosedError } from '../../operators/errors.ts';
import { Meter } from '../../operators/meter.ts';
import { reconnect } from '../../operators/reconnect.ts';
import { connect } from '../../src/connection/connect.ts';
import { STREAM_METRICS } from '../../src/telemetry/stream-metrics.ts';
import { StreamSampler } from '../../src/telemetry/stream-sampler.ts';
import { marbleSocket } from '../../src/testing/marble-socket.ts';

const url = 'wss://example.org/feed';

/** The metrics of connections, and those of their values that are not 0. */
function watch(state$: Subject<ConnectionState>): () => Record<string, number> {
  const sampler = new StreamSampler('test', { meter: new Meter(), state$ });
  return () => {
    const sample = sampler.read();
    const points = STREAM_METRICS.filter(({ name }) => /connect/.test(name)).flatMap(({ name, read }) =>
      read(sample).map(({ value, attributes }) => [
        [name.replace('rxframe.', ''), ...Object.values(attributes)].join(' '),
        value,
      ]),
    ) as [string, number][];
    return Object.fromEntries(points.filter(([, value]) => value !== 0));
  };
}

describe('the metrics of connections', () => {
  it(
    'count each failure once, whether connect or reconnect told of it first, and show the state and the wait',
    marbles(({ scheduler, at }) => {
      const state$ = new Subject<ConnectionState>();
      const now = watch(state$);
      let tokens = 0;
      // The second attempt gets no token, so there is no connection that could be closed.
      const token = () => {
        tokens += 1;
        return tokens === 2 ? throwError(() => new AuthError('refused', 401)) : 'a-token';
      };
      const socket = marbleSocket(scheduler, ['-o-#', '-o 10s |']);
      connect({ url, token, socket, state: state$ })
        .pipe(reconnect({ random: () => 0.5, state: state$, scheduler }))
        .subscribe();
      expect(now()).toEqual({ 'connection.state connecting': 1 });
      at(2, () => expect(now()).toEqual({ 'connection.state open': 1, open_connections: 1, connections: 1 }));
      at(4, () =>
        expect(now()).toEqual({
          'connection.state waiting': 1,
          connections: 1,
          'connection.failures transient': 1,
          'reconnect.delay': 0.5,
        }),
      );
      at(600, () =>
        expect(now()).toEqual({
          'connection.state waiting': 1,
          connections: 1,
          'connection.failures transient': 1,
          'connection.failures auth': 1,
          'reconnect.delay': 2,
        }),
      );
      at(20_000, () =>
        expect(now()).toEqual({
          'connection.state closed': 1,
          connections: 2,
          'connection.failures transient': 1,
          'connection.failures auth': 1,
        }),
      );
    }),
  );

  it(
    'name the class of the failure that made reconnect give up, and count it once',
    marbles(({ scheduler, at }) => {
      const state$ = new Subject<ConnectionState>();
      const now = watch(state$);
      connect({ url, socket: marbleSocket(scheduler, ['-#', '-#']), state: state$ })
        .pipe(reconnect({ maxAttempts: 2, random: () => 0, state: state$, scheduler }))
        .subscribe({ error: () => undefined });
      at(100, () => expect(now()).toEqual({ 'connection.state failed': 1, 'connection.failures transient': 2 }));
    }),
  );

  it('count a failure without reconnect, and the same one again where it happens again', () => {
    const state$ = new Subject<ConnectionState>();
    const now = watch(state$);
    const cause = new ClosedError(1006, '');
    state$.next({ status: 'closed', connectionId: 'a', cause });
    expect(now()['connection.failures transient']).toBe(1);
    state$.next({ status: 'waiting', delay: 1, attempt: 1, failure: 'transient', cause });
    expect(now()['connection.failures transient']).toBe(1);
    state$.next({ status: 'waiting', delay: 1, attempt: 2, failure: 'transient', cause });
    expect(now()['connection.failures transient']).toBe(2);
  });

  it('are those of a stream that is open while any of its connections is', () => {
    const state$ = new Subject<ConnectionState>();
    const now = watch(state$);
    state$.next({ status: 'open', connectionId: 'a' });
    state$.next({ status: 'connecting', connectionId: 'b' });
    expect(now()).toEqual({ 'connection.state open': 1, open_connections: 1, connections: 1 });
    state$.next({ status: 'open', connectionId: 'b' });
    state$.next({ status: 'closing', connectionId: 'a' });
    expect(now()).toEqual({ 'connection.state open': 1, open_connections: 1, connections: 2 });
    state$.next({ status: 'closed', connectionId: 'a' });
    state$.next({ status: 'closing', connectionId: 'b' });
    expect(now()).toEqual({ 'connection.state closing': 1, connections: 2 });
  });

  it('are not there where no states are given', () => {
    const sample = new StreamSampler('test', { meter: new Meter() }).read();
    const present = STREAM_METRICS.filter(({ read }) => read(sample).length > 0).map(({ name }) => name);
    expect(present).toEqual(['rxframe.frames', 'rxframe.skipped_frames', 'rxframe.received']);
  });
});
