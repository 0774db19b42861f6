import { MemberTrace } from '../../../operators/member-trace.ts';

/** As the platform wants it: a ping that it answers with a message, in browsers too. */
export const PING = JSON.stringify({ message: 'ping' });

/** What the service tells of the connection itself: an answer to a ping, that it will close, or that the channel is gone. */
export type ControlMessage = 'pong' | 'socket-closing' | 'channel-gone';

const traces = [
  new MemberTrace('message', 'pong'),
  new MemberTrace('topicName', 'v2.system.socket_closing'),
  new MemberTrace('result', '404'),
];

/** Longer ones are events: they are not looked at, so that they cost nothing. */
const LONGEST = 1_024;

/** Says what a message tells of its connection; undefined for an event. Most are told without parsing them. */
export function controlMessage(bytes: Uint8Array): ControlMessage | undefined {
  if (bytes.byteLength > LONGEST || !traces.some((trace) => trace.isIn(bytes))) return undefined;
  let message: {
    readonly topicName?: unknown;
    readonly result?: unknown;
    readonly eventBody?: { readonly message?: unknown } | null;
  };
  try {
    message = JSON.parse(new TextDecoder().decode(bytes)) as typeof message;
  } catch {
    return undefined;
  }
  const { topicName, result, eventBody } = message;
  if (topicName === 'channel.metadata' && eventBody?.message === 'pong') return 'pong';
  if (topicName === 'v2.system.socket_closing') return 'socket-closing';
  return topicName === undefined && result === '404' ? 'channel-gone' : undefined;
}
