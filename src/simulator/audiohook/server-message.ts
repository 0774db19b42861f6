import { samplesOf } from './stream-duration.ts';

/** A message from the server that is in order. */
export interface ServerMessage {
  readonly type: ServerMessageType;
  readonly seq: number;
  /** The last message of ours that the server has seen. */
  readonly clientseq: number;
  readonly parameters: Readonly<Record<string, unknown>>;
}

export type ServerMessageType = (typeof SERVER_MESSAGE_TYPES)[number];

const SERVER_MESSAGE_TYPES = [
  'opened',
  'closed',
  'disconnect',
  'pong',
  'pause',
  'resume',
  'updated',
  'event',
  'reconnect',
] as const;

/** What is wrong with one, as the `error` message says it. */
export interface MessageViolation {
  readonly code: 400 | 405 | 408 | 409 | 413 | 415 | 429;
  readonly message: string;
}

/** Where a session stands when a message comes. */
export interface MessagePlace {
  readonly sessionId: string;
  /** The last message of the server's. */
  readonly serverseq: number;
  /** The last message of ours. */
  readonly seq: number;
}

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isTextOrAbsent = (value: unknown): boolean => value === undefined || typeof value === 'string';

/** What the parameters of a type have to be like, where that matters. */
const PARAMETERS: Partial<Record<ServerMessageType, (parameters: Fields) => boolean>> = {
  opened: ({ media, discardTo, startPaused, supportedLanguages }) =>
    Array.isArray(media) &&
    (discardTo === undefined || samplesOf(discardTo) !== undefined) &&
    (startPaused === undefined || typeof startPaused === 'boolean') &&
    (supportedLanguages === undefined || Array.isArray(supportedLanguages)),
  disconnect: ({ reason, info }) =>
    ['completed', 'unauthorized', 'error'].includes(reason as string) && isTextOrAbsent(info),
  reconnect: ({ info }) => isTextOrAbsent(info),
  event: ({ entities }) =>
    Array.isArray(entities) && entities.every((entity) => isObject(entity) && typeof entity['type'] === 'string'),
};

/** The largest text message, in bytes. */
const LARGEST_TEXT = 64 * 1024;

/** How deep arrays and objects may be nested. `JSON.parse` takes more than `JSON.stringify` can write. */
const MOST_LEVELS = 100;

const isWithin = (levels: number, value: unknown): boolean =>
  typeof value !== 'object' ||
  value === null ||
  (levels > 0 && Object.values(value).every((inner) => isWithin(levels - 1, inner)));

/** How much of a text is shown, in characters. */
const MOST_SHOWN = 100;

/** The beginning of a text that may be long. */
export const beginningOf = (text: string): string =>
  text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text;

/** A value for a message. Never the text of an object: its `toString` may be anything. */
function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(beginningOf(value));
  return typeof value === 'number' ? String(value) : typeof value;
}

/** **The content of a WebSocket message**, where it may be one of the server's. */
export function readContent(data: Buffer, isBinary: boolean): { readonly value: unknown } | MessageViolation {
  if (isBinary) return { code: 415, message: 'Unexpected binary message' };
  if (data.length > LARGEST_TEXT) return { code: 413, message: 'Message too large' };
  let value: unknown;
  try {
    value = JSON.parse(data.toString());
  } catch {
    return { code: 400, message: 'Message is no JSON' };
  }
  if (!isWithin(MOST_LEVELS, value)) {
    return { code: 400, message: `Message is nested more than ${MOST_LEVELS} levels deep` };
  }
  return { value };
}

/** **Reads what the server has sent**, already parsed, and holds it to the protocol. */
export function readServerMessage(value: unknown, place: MessagePlace): ServerMessage | MessageViolation {
  const violation = (message: string, code: 400 | 405 = 400): MessageViolation => ({ code, message });
  if (!isObject(value)) return violation('Message is no JSON object');
  const { version, id, type, seq, clientseq, parameters } = value;
  if (version !== '2') return violation('Message has no version 2');
  if (id !== place.sessionId) return violation("Message has another session's id");
  if (seq !== place.serverseq + 1) return violation(`Message has seq ${shown(seq)}, not ${place.serverseq + 1}`);
  if (!Number.isInteger(clientseq) || (clientseq as number) < 0 || (clientseq as number) > place.seq) {
    return violation(`Message has clientseq ${shown(clientseq)}, at most ${place.seq} was sent`);
  }
  if (!SERVER_MESSAGE_TYPES.includes(type as ServerMessageType)) return violation(`Unknown type ${shown(type)}`, 405);
  const known = type as ServerMessageType;
  if (!isObject(parameters) || PARAMETERS[known]?.(parameters) === false) {
    return violation(`Parameters of '${known}' are not as they have to be`);
  }
  return { type: known, seq, clientseq: clientseq as number, parameters };
}
