import { checkList, checkMembers, checkText } from '../checks.ts';
import { isOffered } from './offered-topics.ts';

/** Topics that the simulated application may not subscribe to. */
export interface DeniedTopics {
  /** A topic name; `*` stands for any characters: `v2.users.*.presence`. */
  readonly topic: string;
  /** The permissions that it would take. @defaultValue none named */
  readonly missingPermissions?: readonly string[];
}

/** Throws where that denies nothing. */
export function checkDeniedTopics(where: string, denied: DeniedTopics): void {
  checkMembers(where, denied, ['topic', 'missingPermissions']);
  checkText(`${where}.topic`, denied.topic);
  if (denied.missingPermissions !== undefined) {
    checkList(`${where}.missingPermissions`, denied.missingPermissions, checkText);
  }
}

/** A subscription id that may be subscribed to. */
export interface PermittedTopic {
  /** As it was sent, joined or not. */
  readonly id: string;
  /** The names of the topics that it stands for. */
  readonly topicNames: readonly string[];
}

/** A subscription id that may not. */
export interface RejectedTopic {
  readonly id: string;
  readonly rejectionReason: string;
  readonly missingPermissions?: readonly string[];
}

/** Says of a subscription id what it stands for, or why it is refused. */
export type TopicJudge = (id: string) => PermittedTopic | RejectedTopic;

/** The longest subscription id, in characters. */
const LONGEST_ID = 200;

/** `prefix?a&b` stands for `prefix.a` and `prefix.b`; what has no `?` for itself. */
function split(id: string): readonly string[] {
  const [prefix = '', suffixes, ...more] = id.split('?');
  if (suffixes === undefined) return [id];
  return more.length > 0 ? [] : suffixes.split('&').map((suffix) => `${prefix}.${suffix}`);
}

function pattern(topic: string): RegExp {
  const escaped = topic.split('*').map((text) => text.replaceAll(/[\\^$.|?+()[\]{}]/g, '\\$&'));
  return new RegExp(`^${escaped.join('.*')}$`);
}

/**
 * **Judges subscription ids**: refused is one that is too long, names a topic that is not offered, or one that `denied`
 * lists. A joined one is refused as a whole.
 */
export function topicJudge(denied: readonly DeniedTopics[]): TopicJudge {
  const denials = denied.map(({ topic, missingPermissions }) => ({ covers: pattern(topic), missingPermissions }));
  return (id) => {
    if (id.length > LONGEST_ID) {
      return { id, rejectionReason: `A topic id has at most ${LONGEST_ID} characters, this one has ${id.length}.` };
    }
    const topicNames = split(id);
    const unknown = topicNames.find((topicName) => !isOffered(topicName));
    if (unknown !== undefined || topicNames.length === 0) {
      return { id, rejectionReason: `There is no topic ${unknown ?? id}.` };
    }
    for (const topicName of topicNames) {
      const denial = denials.find(({ covers }) => covers.test(topicName));
      if (denial === undefined) continue;
      const { missingPermissions } = denial;
      return {
        id,
        rejectionReason: `Not permitted to subscribe to ${topicName}.`,
        ...(missingPermissions && { missingPermissions }),
      };
    }
    return { id, topicNames };
  };
}
