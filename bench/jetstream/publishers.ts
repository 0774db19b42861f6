import { hash } from 'node:crypto';
import { jetstream, type JetStreamPublishOptions } from '@nats-io/jetstream';
import { headers, type NatsConnection } from '@nats-io/transport-node';
import { lastValueFrom, Observable } from 'rxjs';
import { Flow } from 'rxframe/operators';
import { partitionOf, toJetStream } from 'rxframe/jetstream';
import type { Interaction } from './interaction.ts';
import { PARTITIONS, STREAM } from './streams.ts';

/** How many are sent and not acknowledged: the default of `toJetStream`. */
const IN_FLIGHT = 512;

/** Publishes all frames, and resolves once the engine has them. */
export type Publisher = (connection: NatsConnection, frames: readonly Interaction[]) => Promise<unknown>;

/** What the engine must be given besides the payload. */
interface Envelope {
  readonly subject: string;
  readonly options: Partial<JetStreamPublishOptions>;
}

/** Made beforehand: it costs the plain client nothing. */
const bareEnvelopes = new WeakMap<Interaction, Envelope>();

/** What publishes the frames, by name; the peers of `ours` use the client alone. */
export const publishers = {
  ours: (connection, frames) => {
    const flow = new Flow();
    return lastValueFrom(paused(frames, flow).pipe(toJetStream({ connection, stream: STREAM, flow })));
  },
  /** Sends an id and nothing else. */
  plain: (connection, frames) =>
    publishAll(connection, frames, (frame) => {
      const known = bareEnvelopes.get(frame);
      if (known !== undefined) return known;
      const envelope = { subject: subjectOf(frame), options: { msgID: String(frame.sequence) } };
      bareEnvelopes.set(frame, envelope);
      return envelope;
    }),
  /** Hashes the payload, and sends the same headers. */
  'plain, with the same headers': (connection, frames) =>
    publishAll(connection, frames, (frame) => {
      const digest = hash('sha256', frame.rawData, 'base64');
      const made = headers();
      const { timestamp, sequence, connectionId, payloadType } = frame;
      made.append(
        'Rxframe-Frame',
        `time=${timestamp};opcode=${frame.isBinary ? 2 : 1};sequence=${sequence};connection=${connectionId};type=${payloadType};digest=sha-256:${digest}`,
      );
      return { subject: subjectOf(frame), options: { msgID: digest, headers: made } };
    }),
} as const satisfies Record<string, Publisher>;

/** The name of a publisher. */
export type PublisherName = keyof typeof publishers;

/** As {@link toJetStream} has it, for frames that need nothing escaped but the dot of their type. */
function subjectOf({ decodedData }: Interaction): string {
  const { id } = decodedData as { readonly id: string };
  return `genesys.-.interaction%2Eupdate.${id}.${partitionOf(id, PARTITIONS)}`;
}

/** The frames as a socket brings them: none while the flow is held. */
function paused(frames: readonly Interaction[], flow: Flow): Observable<Interaction> {
  return new Observable((subscriber) => {
    let next = 0;
    const resume = () => {
      while (!flow.held && next < frames.length) {
        next += 1;
        subscriber.next(frames[next - 1] as Interaction);
      }
      if (next === frames.length) subscriber.complete();
    };
    flow.attach({ pause: () => undefined, resume });
    resume();
  });
}

function publishAll(
  connection: NatsConnection,
  frames: readonly Interaction[],
  envelopeOf: (frame: Interaction) => Envelope,
): Promise<void> {
  const client = jetstream(connection);
  return new Promise((resolve, reject) => {
    let next = 0;
    let acknowledged = 0;
    const send = () => {
      while (next < frames.length && next - acknowledged < IN_FLIGHT) {
        const frame = frames[next] as Interaction;
        next += 1;
        const { subject, options } = envelopeOf(frame);
        client.publish(subject, frame.rawData, options).then(() => {
          acknowledged += 1;
          if (acknowledged === frames.length) resolve();
          else send();
        }, reject);
      }
    };
    send();
  });
}
