import { from, type Observable } from 'rxjs';
import { decode } from '../../operators/decode.ts';
import { RawFrame, type LiveFrame, type RejectedFrame } from '../../operators/frame.ts';
import { jsonType } from '../../operators/json-type.ts';
import { definePayloadTypes } from '../../operators/payload-types.ts';
import { validate } from '../../operators/validate.ts';

/** What the events of the tests are: the `n`th of a conversation. */
export const callTypes = definePayloadTypes({
  call: jsonType({
    type: 'object',
    properties: { type: { type: 'string' }, conversationId: { type: 'string' }, n: { type: 'integer' } },
    required: ['conversationId', 'n'],
  }),
});

/** An event as it comes from a socket. */
export function callFrame(conversationId: string, n: number, sequence = n): RawFrame {
  return rawFrame(JSON.stringify({ type: 'call', conversationId, n }), sequence);
}

export function rawFrame(payload: string | Uint8Array, sequence = 0): RawFrame {
  return new RawFrame({
    rawData: Buffer.from(payload),
    isBinary: typeof payload !== 'string',
    connectionId: 'socket.1',
    sequence,
    timestamp: 1_750_000_000_000 + sequence,
    receivedAt: performance.now(),
  });
}

/** As many events, of so many conversations, through the stages. */
export function calls(count: number, conversations: number) {
  return parsed(from(Array.from({ length: count }, (_, n) => callFrame(`conversation-${n % conversations}`, n))));
}

/** The stages that both ends have. */
export function parsed(raw$: Observable<RawFrame>) {
  return raw$.pipe(decode(callTypes), validate());
}

/** What a frame says of itself, whatever became of it. */
export function text({ rawData }: LiveFrame | RejectedFrame): string {
  return Buffer.from(rawData).toString();
}
