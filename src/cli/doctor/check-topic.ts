import { randomUUID } from 'node:crypto';
import { firstValueFrom } from 'rxjs';
import type { ChannelApi } from '../../genesys/notifications/channel-api.ts';
import { topics, type Topic } from '../../genesys/notifications/topics.ts';
import type { Finding } from './checklist.ts';
import { StepProblem } from './step-problem.ts';

/**
 * **Subscribes to a topic.** Without one it takes that of a user who is not there, on which nothing can come.
 *
 * @throws StepProblem where it is refused; the error of the platform
 */
export async function checkTopic(
  channels: ChannelApi,
  channelId: string,
  topic: Topic | undefined,
): Promise<Finding<string>> {
  const name = topic ?? topics.user(randomUUID()).presence();
  const results = await firstValueFrom(channels.replaceTopics(channelId, [name]));
  const refused = results.find(({ permitted }) => !permitted);
  if (refused === undefined) return { found: name, detail: `${name} is subscribed` };

  const { reason, missingPermissions } = refused;
  const detail = `${name} is refused${reason === undefined ? '' : `: ${reason}`}`;
  if (missingPermissions.length > 0) {
    const permissions = missingPermissions.join(', ');
    throw new StepProblem(
      'failed',
      detail,
      `Give a role of the OAuth client ${permissions}, in the division of what the topic is about.`,
    );
  }
  if (topic === undefined) {
    throw new StepProblem('skipped', detail, 'That user is made up: name a topic of yours with --topic.');
  }
  throw new StepProblem('failed', detail, 'Check the name and the id in it; rxframe topics lists the names.');
}
