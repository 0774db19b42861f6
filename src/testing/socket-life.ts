import type { Observable } from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import type { AnyFrame } from '../../operators/frame.ts';
import { peer, type PeerEvent } from './peer.ts';

/** What a marble stands for: a text message, a binary one, that of a frame, or an event of {@link peer}. */
export type PeerValue = string | Uint8Array | AnyFrame | PeerEvent;

/** What the server does at one moment: an event, or a message. */
export type Moment = PeerEvent | { readonly peer: 'message'; readonly rawData: Uint8Array; readonly isBinary: boolean };

/** When something was subscribed to, as RxJS's `expectSubscriptions` takes it. */
export type SubscriptionLogs = ReturnType<TestScheduler['createColdObservable']>['subscriptions'];

/** The life of one connection. */
export interface SocketLife extends Observable<Moment> {
  /** From when to when it was lived. */
  readonly subscriptions: SubscriptionLogs;
}

/** What stands for the two ends in the diagram that RxJS reads, where an end would be one of the Observable, too. */
const CLOSED = '\u{e000}';
const LOST = '\u{e001}';

const NAMED: Readonly<Record<string, PeerEvent>> = {
  o: peer.open(),
  p: peer.ping(),
  [CLOSED]: peer.close(1000),
  [LOST]: peer.lose(),
};

/** Reads the marbles of one life, and throws where no connection can go like that. */
export function socketLife(
  scheduler: TestScheduler,
  marbles: string,
  values: Readonly<Record<string, PeerValue>>,
): SocketLife {
  const diagram = marbles.replaceAll('|', CLOSED).replaceAll('#', LOST);
  const moments = Object.fromEntries(
    [...new Set(diagram)].map((marble) => [marble, momentOf(marble, values[marble] ?? NAMED[marble] ?? marble)]),
  );
  const life = scheduler.createColdObservable(diagram, moments);
  checkOrder(
    marbles,
    life.messages.flatMap(({ notification }) => (notification.kind === 'N' ? [notification.value as Moment] : [])),
  );
  return life;
}

function momentOf(marble: string, value: PeerValue): Moment {
  if (typeof value === 'string') {
    return { peer: 'message', rawData: new TextEncoder().encode(value), isBinary: false };
  }
  if (value instanceof Uint8Array) return { peer: 'message', rawData: value, isBinary: true };
  if (typeof value === 'object' && 'peer' in value) return value;
  if (typeof value === 'object' && 'rawData' in value)
    return { peer: 'message', rawData: value.rawData, isBinary: value.isBinary };
  throw new TypeError(
    `marbleSocket: the value of '${marble}' must be a string, bytes, a frame, or an event of peer, and is none`,
  );
}

/** Open first, then what an open connection does, then nothing after the end. */
function checkOrder(marbles: string, moments: readonly Moment[]): void {
  let state: 'connecting' | 'open' | 'over' = 'connecting';
  for (const { peer } of moments) {
    const allowedIn = WHEN[peer];
    if (!allowedIn.includes(state)) {
      throw new TypeError(`marbleSocket: '${peer}' can't be where the connection is ${state}, in the life ${marbles}`);
    }
    if (peer === 'open') state = 'open';
    else if (peer !== 'message' && peer !== 'ping') state = 'over';
  }
}

/** The states of the connection in which each may happen. */
const WHEN: Readonly<Record<Moment['peer'], readonly string[]>> = {
  open: ['connecting'],
  message: ['open'],
  ping: ['open'],
  close: ['open'],
  stall: ['open'],
  refuse: ['connecting'],
  lose: ['connecting', 'open'],
};
