import type { JSONSchema } from 'json-schema-to-ts';
import { jsonType, type DataOf } from '../../../operators/json-type.ts';
import type { PayloadType } from '../../../operators/payload-type.ts';
import { identityOf, type TopicEvent } from './event-type.ts';

/**
 * **The payload type of the events of a topic**, by the JSON Schema of their `eventBody`: for `defineNotificationTypes`, which
 * throws where it is none.
 *
 * ```ts
 * const station = topicType({ type: 'object', properties: { associatedStation: { type: ['object', 'null'] } } });
 * ```
 */
export function topicType<const Body extends JSONSchema>(body: Body): PayloadType<TopicEvent<DataOf<Body>>> {
  const orNull = { type: ['string', 'null'] } as const;
  const schema: JSONSchema = {
    type: 'object',
    properties: {
      topicName: { type: 'string' },
      version: orNull,
      eventBody: body,
      metadata: { type: ['object', 'null'], properties: { CorrelationId: orNull } },
    },
    required: ['topicName', 'eventBody'],
  };
  return jsonType(schema, { identity: identityOf });
}
