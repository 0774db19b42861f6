import { list, members, number, text, type Described } from '../../body-schema.ts';

/** The body of `v2.users.{id}.routingStatus`. Source: `UserRoutingStatusUserRoutingStatus` of `purecloud-platform-client-v2`. */
export const userRoutingStatus = members({
  id: text,
  routingStatus: members({ status: text, startTime: text }),
  errorInfo: members({
    errorCode: text,
    status: number,
    correlationId: text,
    userMessage: text,
    userParamsMessage: text,
    userParams: list(members({ key: text, value: text })),
  }),
});

/** What an agent does: `routingStatus.status` is `OFF_QUEUE`, `IDLE`, `INTERACTING`, `NOT_RESPONDING`, `COMMUNICATING`, … */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- its name is shown in messages of the compiler
export interface UserRoutingStatus extends Described<typeof userRoutingStatus> {}
