import { members, text, type Described } from '../../body-schema.ts';

/** The body of the topics `v2.system.…`. Source: `SystemMessageSystemMessage` of `purecloud-platform-client-v2`. */
export const systemMessage = members({
  channelId: text,
  systemTopicType: text,
  correlationId: text,
  organizationId: text,
  userId: text,
  oauthClientId: text,
  oauthClientOrgId: text,
  reason: text,
  message: text,
});

/** What the service says of a channel. Its wording is not documented: go by the topic. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- its name is shown in messages of the compiler
export interface SystemMessage extends Described<typeof systemMessage> {}
