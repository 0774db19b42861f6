import { definePayloadTypes } from '../../../operators/payload-types.ts';
import { notificationTypes } from '../../genesys/notifications/notification-types.ts';
import { genesysTypes } from '../../genesys/payload-types.ts';

/**
 * **What may be in a stream that `rxframe ingest` fills**: the messages of the streaming endpoint, and those of notification channels. Each says by
 * itself what it is. JSON of any other type passes as `unknown`: somebody else may have published it.
 */
export const jetStreamTypes = definePayloadTypes(
  { ...notificationTypes.rows, ...genesysTypes.rows },
  {
    type(message) {
      const name = genesysTypes.nameOf(message);
      if (name !== undefined && genesysTypes.jsonType(name) !== undefined) return name;
      return notificationTypes.nameOf(message) ?? name;
    },
    unknown: 'pass',
  },
);
