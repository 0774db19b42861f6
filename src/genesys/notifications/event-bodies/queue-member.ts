import { flag, members, text, type Described } from '../../body-schema.ts';

/** The body of `v2.routing.queues.{id}.users`. Source: `QueueUserEventTopicQueueMember` of `purecloud-platform-client-v2`. */
export const queueMember = members({ id: text, user: members({ id: text }), queueId: text, joined: flag });

/** A member of a queue, who joined it or left it. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- its name is shown in messages of the compiler
export interface QueueMember extends Described<typeof queueMember> {}
