import { flag, members, text, type Described } from '../../body-schema.ts';

const presenceDefinition = members({ id: text, systemPresence: text });

/** The body of `v2.users.{id}.presence`. Source: `PresenceEventUserPresence` of `purecloud-platform-client-v2`. */
export const userPresence = members({
  source: text,
  presenceDefinition,
  primary: flag,
  message: text,
  modifiedDate: text,
  futurePresenceDefinition: presenceDefinition,
});

/** A user's presence: `presenceDefinition.systemPresence` is `AVAILABLE`, `AWAY`, `BUSY`, `MEETING`, `ON_QUEUE`, `OFFLINE`, … */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- its name is shown in messages of the compiler
export interface UserPresence extends Described<typeof userPresence> {}
