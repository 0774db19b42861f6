import { durationOf } from './stream-duration.ts';

/** A message from the client, as Genesys Cloud writes it. */
export interface ClientMessage {
  readonly version: string;
  readonly id: string;
  readonly type: string;
  readonly seq: number;
  readonly serverseq: number;
  readonly position: string;
  readonly parameters: object;
}

/** Numbers the messages of one session. */
export interface MessageWriter {
  /** The number of the last one. */
  readonly seq: number;
  /** The highest number that was written, which a fault may have made higher than {@link seq}. */
  readonly highest: number;
  /** The next one. `changes` replace what would stand there. */
  write(type: string, parameters: object, changes?: Readonly<Record<string, unknown>>): ClientMessage;
}

/** What stands in each message. */
export interface MessageWriterOptions {
  readonly sessionId: string;
  /** The last message of the server's. */
  readonly serverseq: () => number;
  /** In samples. */
  readonly position: () => number;
}

/** **Writes the messages of one session**, with a number each. */
export function messageWriter({ sessionId, serverseq, position }: MessageWriterOptions): MessageWriter {
  let seq = 0;
  let highest = 0;
  return {
    get seq() {
      return seq;
    },
    get highest() {
      return highest;
    },
    write: (type, parameters, changes) => {
      seq += 1;
      const message = {
        version: '2',
        id: sessionId,
        type,
        seq,
        serverseq: serverseq(),
        position: durationOf(position()),
        parameters,
        ...changes,
      };
      highest = Math.max(highest, message.seq);
      return message;
    },
  };
}
