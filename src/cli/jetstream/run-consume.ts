import { noop, ReplaySubject, Subscription } from 'rxjs';
import type { ConsumeNotice } from '../../jetstream/consume/consume-notice.ts';
import type { NatsWishes } from '../arguments/nats-flags.ts';
import { streamOutcomes, type StreamWishes } from '../stream/stream-outcomes.ts';
import type { Output } from '../terminal/output.ts';
import { consumeNotices } from './consume-notices.ts';
import { execSink } from './exec-sink.ts';
import type { FrameSink } from './frame-sink.ts';
import { jetStreamSource, type ReadWishes } from './jet-stream-source.ts';
import { NatsLink } from './nats-link.ts';
import { sinkCompanion } from './sink-companion.ts';
import { stdoutSink } from './stdout-sink.ts';
import { watchLag, type LagReading } from './watch-lag.ts';
import { webhookSink, type WebhookWishes } from './webhook-sink.ts';

/** Where the frames are to go. */
export type SinkWishes =
  | { readonly type: 'stdout' }
  | { readonly type: 'exec'; readonly command: string; readonly timeout: number }
  | ({ readonly type: 'webhook' } & WebhookWishes);

/** What {@link runConsume} is to do. */
export interface ConsumeWishes {
  readonly nats: NatsWishes;
  readonly read: ReadWishes;
  readonly sink: SinkWishes;
  /** How many frames are worked on at a time. */
  readonly concurrency: number;
  /** Where it is told how far the group is behind. */
  readonly lag: LagReading;
  readonly stream: StreamWishes;
}

/**
 * **Consumes a group until it is stopped**, and gives the exit code. In the end what was worked on is finished and acknowledged.
 *
 * @throws UsageError where the group is there and began elsewhere; the error that ended it
 */
export async function runConsume(wishes: ConsumeWishes, stopped: Promise<void>): Promise<number> {
  const { nats, read, sink, concurrency, lag, stream } = wishes;
  const { companions, maxFrames } = stream;
  let log: (text: string) => void = noop;
  const link = new NatsLink(nats, `rxframe consume ${read.id}`, (text) => log(text));
  const told = consumeNotices((text) => log(text));
  const left$ = new ReplaySubject<void>(1);
  const next = (notice: ConsumeNotice) => (notice.type === 'closed' ? left$.next() : told.next(notice));
  const settings = { concurrency, maxFrames, left$ };
  const watching = new Subscription();
  try {
    return await streamOutcomes(
      jetStreamSource(link, read, maxFrames, { next }),
      {
        ...stream,
        maxFrames: undefined,
        stdoutIsForData: true,
        companions: [
          async (parts) => {
            log = parts.log;
            const companion = sinkCompanion(link, sinkOf(sink, parts.output), settings, parts);
            watching.add(watchLag(await link.open(), read, lag));
            const close = () => {
              // That partitions are left at the end goes without saying.
              log = noop;
              return companion.close();
            };
            return { ...companion, close };
          },
          ...companions,
        ],
      },
      stopped,
    );
  } finally {
    watching.unsubscribe();
    told.complete();
  }
}

function sinkOf(wishes: SinkWishes, output: Output): FrameSink {
  switch (wishes.type) {
    case 'stdout':
      return stdoutSink(output);
    case 'exec':
      return execSink(wishes.command, wishes.timeout);
    case 'webhook':
      return webhookSink(wishes);
  }
}
