/** What the notification service sends on a socket, beside events, and what it takes from one. JSON text. */

/** Sent every 30 s. */
export const HEARTBEAT = JSON.stringify({
  topicName: 'channel.metadata',
  eventBody: { message: 'WebSocket Heartbeat' },
});

/** The answer to `{"message":"ping"}`. */
export const PONG = JSON.stringify({ topicName: 'channel.metadata', eventBody: { message: 'pong' } });

/** Sent some time before the server closes a socket that it wants to be rid of. The wording is ours. */
export function socketClosing(milliseconds: number): string {
  const message = `This websocket will close within ${Math.ceil(milliseconds / 1000)} seconds`;
  return JSON.stringify({ topicName: 'v2.system.socket_closing', eventBody: { message } });
}

/** Sent where the channel of a socket is no more: it has expired, was replaced, or its token is not valid any more. */
export const CHANNEL_GONE = JSON.stringify({
  result: '404',
  message: 'The channel does not exist: it has expired, was replaced, or its token expired.',
});

/** The answer to a subscription over the socket. */
export function subscribed(topics: readonly string[], correlationId: unknown): string {
  return JSON.stringify({ result: '200', status: 'subscribed', topics, correlationId });
}

/** The answer to a message that can't be carried out. */
export function failure(message: string, correlationId?: unknown): string {
  return JSON.stringify({ result: '400', status: 'failure', message, correlationId });
}

/** One event. `eventBody` is JSON already, so that an event with several topics is made text once. */
export function eventMessage(topicName: string, eventBody: string, correlationId: string): string {
  return `{"topicName":${JSON.stringify(topicName)},"version":"2","eventBody":${eventBody},"metadata":{"CorrelationId":"${correlationId}"}}`;
}

/** What a client asks for over its socket; undefined for what is none of that. */
export type ClientRequest =
  | { readonly ask: 'ping' }
  | { readonly ask: 'subscribe'; readonly topics: readonly string[]; readonly correlationId: unknown };

/** Reads a message of a client. */
export function clientRequest(text: string): ClientRequest | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { message, topics, correlationId } = (value ?? {}) as Record<string, unknown>;
  if (message === 'ping') return { ask: 'ping' };
  if (message !== 'subscribe' || !Array.isArray(topics)) return undefined;
  return { ask: 'subscribe', topics: topics.map(String), correlationId };
}
