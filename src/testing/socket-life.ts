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

/** Reads the marbles of the nth life, from 0, and throws where no connection could go like that. */
export function socketLife(
  scheduler: TestScheduler,
  nth: number,
  marbles: string,
  values: Readonly<Record<string, PeerValue>>,
): SocketLife {
  const where = `in life ${nth + 1}, ${marbles}`;
  if (/[\^!]/.test(marbles)) throw new TypeError(`marbleSocket: there can be no ^ and no ! ${where}`);
  const diagram = marbles.replaceAll('|', CLOSED).replaceAll('#', LOST);
  const moments = Object.fromEntries(
    [...new Set(diagram)].map((marble) => [marble, momentOf(marble, values[marble] ?? NAMED[marble] ?? marble)]),
  );
  const life = scheduler.createColdObservable(diagram, moments);
  let state: State = 'connecting';
  for (const { frame, notification } of life.messages) {
    const { peer } = (notification as { readonly value: Moment }).value;
    const next: State | undefined = AFTER[state][peer];
    if (next === undefined) {
      throw new TypeError(
        `marbleSocket: '${peer}' at ${frame} ms can't be: the connection is ${STATE[state]}, ${where}`,
      );
    }
    state = next;
  }
  return life;
}

type State = keyof typeof STATE;

/** What is said of a connection in each state. */
const STATE = { connecting: 'not open yet', open: 'open already', stalled: 'stalled', over: 'over' };

/** What may happen in each state of a connection, and the state after it. */
const AFTER: Readonly<Record<State, Partial<Record<Moment['peer'], State>>>> = {
  connecting: { open: 'open', refuse: 'over', lose: 'over' },
  open: { message: 'open', ping: 'open', close: 'over', lose: 'over', stall: 'stalled' },
  stalled: { lose: 'over' },
  over: {},
};

function momentOf(marble: string, value: PeerValue): Moment {
  if (typeof value === 'string') {
    return { peer: 'message', rawData: new TextEncoder().encode(value), isBinary: false };
  }
  if (value instanceof Uint8Array) return { peer: 'message', rawData: value, isBinary: true };
  if (typeof value === 'object' && 'peer' in value) return value;
  if (typeof value === 'object' && 'rawData' in value) {
    return { peer: 'message', rawData: value.rawData, isBinary: value.isBinary };
  }
  throw new TypeError(
    `marbleSocket: the value of '${marble}' must be a string, bytes, a frame, or an event of peer, and is none`,
  );
}
