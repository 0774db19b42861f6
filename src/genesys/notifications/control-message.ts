import { MemberTrace } from '../../../operators/member-trace.ts';

/** What the service tells of the connection itself: that it will close, or that the channel is gone. */
export type ControlMessage = 'socket-closing' | 'channel-gone';

const traces: readonly (readonly [MemberTrace, ControlMessage])[] = [
  [new MemberTrace('topicName', 'v2.system.socket_closing'), 'socket-closing'],
  [new MemberTrace('result', '404'), 'channel-gone'],
];

/** Longer ones are events: they are not looked at, so that they cost nothing. */
const LONGEST = 1_024;

/** Says what a message tells of its connection; undefined for an event. Most are told without parsing them. */
export function controlMessage(bytes: Uint8Array): ControlMessage | undefined {
  if (bytes.byteLength > LONGEST) return undefined;
  const found = traces.find(([trace]) => trace.isIn(bytes))?.[1];
  return found !== undefined && isTopLevel(bytes, found) ? found : undefined;
}

/** The words may stand in an event's body, too. */
function isTopLevel(bytes: Uint8Array, found: ControlMessage): boolean {
  try {
    const { topicName, result } = JSON.parse(new TextDecoder().decode(bytes)) as {
      topicName?: unknown;
      result?: unknown;
    };
    return found === 'socket-closing'
      ? topicName === 'v2.system.socket_closing'
      : topicName === undefined && result === '404';
  } catch {
    return false;
  }
}
