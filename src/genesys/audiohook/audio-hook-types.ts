import { binaryType } from '../../../operators/binary-type.ts';
import type { PayloadType } from '../../../operators/payload-type.ts';
import { definePayloadTypes } from '../../../operators/payload-types.ts';
import {
  distinct,
  flag,
  list,
  members,
  oneOfValues,
  text,
  textLike,
  wholeNumber,
  withRequired,
  type BodySchema,
} from '../body-schema.ts';
import { bodyValidator } from '../body-validator.ts';
import type {
  ClientMessage,
  CloseParameters,
  CustomConfig,
  ErrorParameters,
  OpenParameters,
  PingParameters,
  SpanParameters,
  UpdateParameters,
} from './client-message.ts';
import { LANGUAGE_CODE } from './language-code.ts';
import { SAMPLE_RATE, type MediaParameter } from './media.ts';
import { STREAM_DURATION, type StreamDuration } from './stream-duration.ts';
import { UUID } from './uuid.ts';

const uuid = textLike(UUID, 'a UUID');
const sequence = wholeNumber(0, Number.MAX_SAFE_INTEGER);
const duration = textLike<StreamDuration>(STREAM_DURATION, 'a duration in seconds, such as "PT1.5S"');
const language = textLike(LANGUAGE_CODE, 'a language code, such as "en-US"');

const media = withRequired<MediaParameter, object>(
  {
    type: oneOfValues('audio'),
    format: oneOfValues('PCMU', 'L16'),
    channels: distinct(list(oneOfValues('external', 'internal'), 1, 2)),
    rate: oneOfValues(SAMPLE_RATE),
  },
  {},
);

const anyObject: BodySchema<CustomConfig> = members({});

const open = withRequired(
  {
    organizationId: uuid,
    conversationId: uuid,
    participant: withRequired({ id: uuid, ani: text, aniName: text, dnis: text }, {}),
    media: list(media),
  },
  {
    language,
    supportedLanguages: flag,
    continuedSessions: list(withRequired({ id: uuid, serverseq: sequence, clientseq: sequence }, {})),
    customConfig: anyObject,
  },
);

const closeReason = oneOfValues('end', 'error', 'disconnect', 'reconnect');
const close = withRequired({ reason: closeReason }, {});
const update = withRequired({ language }, {});
const error = withRequired({ code: wholeNumber(400, 9999), message: text }, { retryAfter: duration });
const span = withRequired({ start: duration, discarded: duration }, {});
const version = oneOfValues('2');

/** A message that is JSON, with such parameters. */
function message<Parameters>(parameters: BodySchema<Parameters>): PayloadType<ClientMessage<Parameters>> {
  const validator = bodyValidator(
    withRequired(
      { version, id: uuid, type: text, seq: sequence, serverseq: sequence, position: duration, parameters },
      {},
    ),
  );
  return { format: 'json', recognises: () => false, validator: () => validator };
}

/**
 * **The payload types of AudioHook**, protocol version 2: what Genesys Cloud sends to an AudioHook server.
 *
 * | type | message | parameters |
 * |---|---|---|
 * | `open` | JSON | {@link OpenParameters} |
 * | `close` | JSON | `reason`: `end`, `error`, `disconnect` or `reconnect` |
 * | `ping` | JSON | `rtt` |
 * | `paused` | JSON | – |
 * | `resumed`, `discarded` | JSON | `start`, `discarded` |
 * | `update` | JSON | `language` |
 * | `error` | JSON | `code`, `message`, `retryAfter` |
 * | `audio` | binary | – |
 *
 * Each JSON message has `version` (`"2"`), `id` (a UUID), `seq`, `serverseq` and `position`, too. Members that are not known are let
 * through. Source: `app/audiohook/src/protocol` of the platform's `audiohook-reference-implementation`.
 */
export const audioHookTypes = definePayloadTypes({
  open: message<OpenParameters>(open),
  close: message<CloseParameters>(close),
  ping: message<PingParameters>(members({ rtt: duration })),
  paused: message<object>(members({})),
  resumed: message<SpanParameters>(span),
  discarded: message<SpanParameters>(span),
  update: message<UpdateParameters>(update),
  error: message<ErrorParameters>(error),
  audio: binaryType({ recognises: () => true }),
});
