import type { McapTypes } from '@mcap/core';
import type { Receipt } from '../../operators/frame.ts';

type Channel = McapTypes.Channel;

/** A message of MCAP counts to 2³² − 1. */
const SEQUENCES = 2 ** 32;

/** **What the frames of one channel of a capture share**: the connection, the opcode, and where their sequence numbers start. */
export interface FrameChannel extends Pick<Receipt, 'connectionId' | 'isBinary'> {
  /** What a message's `sequence` counts from: a multiple of 2³². */
  readonly sequenceBase: number;
}

/** What the channel is called in the file. Text is mostly JSON, which viewers then show; one without a schema. */
export function frameChannel({ connectionId, isBinary, sequenceBase }: FrameChannel): Omit<Channel, 'id'> {
  return {
    schemaId: 0,
    topic: isBinary ? '/frames/binary' : '/frames/text',
    messageEncoding: isBinary ? 'application/octet-stream' : 'json',
    metadata: new Map([
      ['connectionId', connectionId],
      ['opcode', isBinary ? '2' : '1'],
      ['sequenceBase', String(sequenceBase)],
    ]),
  };
}

/** The sequence base of a frame. */
export function sequenceBaseOf(sequence: number): number {
  return sequence - (sequence % SEQUENCES);
}

/** What a channel of a file says of its frames; undefined where it has no frames. */
export function readFrameChannel({ topic, metadata }: Channel): FrameChannel | undefined {
  const connectionId = metadata.get('connectionId');
  const opcode = metadata.get('opcode');
  const sequenceBase = Number(metadata.get('sequenceBase'));
  if (!topic.startsWith('/frames/') || connectionId === undefined || (opcode !== '1' && opcode !== '2')) {
    return undefined;
  }
  return Number.isSafeInteger(sequenceBase) ? { connectionId, isBinary: opcode === '2', sequenceBase } : undefined;
}
