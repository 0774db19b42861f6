import { isoTime } from '../../../operators/audit-record.ts';
import type { CutOffNotice } from '../../capture/replay.ts';
import type { NotificationNotice } from '../../genesys/notifications/notifications.ts';
import { counted } from '../terminal/counted.ts';
import { messageOf } from '../terminal/message-of.ts';
import { terminalJson, terminalText } from '../terminal/terminal-text.ts';

/** **A replay came to its end without a frame.** */
interface NoFramesNotice {
  readonly type: 'no-frames';
  /** What was replayed, for people: a file, or how many. */
  readonly source: string;
  /** Whether only frames of some time were wanted. */
  readonly isRange: boolean;
}

/** What a stream has to say besides its outcomes. */
export type Notice = NotificationNotice | CutOffNotice | NoFramesNotice;

/** How many topics of a gap are named for people. */
const TOPICS_NAMED = 3;

/** **A notice as one line for people.** */
export function noticeLine(notice: Notice, now: number): string {
  return `${isoTime(now)} ${terminalText(inWords(notice))}`;
}

/** **A notice as one line of JSON**: `notice` is its type, times are in ISO 8601, `cause` is a message. */
export function noticeJson(notice: Notice, now: number): string {
  return terminalJson({ notice: notice.type, timestamp: isoTime(now), ...facts(notice) });
}

function inWords(notice: Notice): string {
  switch (notice.type) {
    case 'refused':
      return `refused: ${notice.topic}${reasonOf(notice)}`;
    case 'handover':
      return `handover (${notice.reason}): ${notice.status}${notice.status === 'abandoned' ? causeOf(notice) : ''}`;
    case 'gap':
      return `gap: events from ${isoTime(notice.from)} to ${isoTime(notice.to)} may be missing, of ${topicsOf(notice)}`;
    case 'topics-failed':
      return `topics: the change failed, and is tried again${causeOf(notice)}`;
    case 'refetch-failed':
      return `gap: events could not be read again${causeOf(notice)}`;
    case 'cut-off':
      return `${notice.file} was not ended by its writer: replayed as far as it goes, ${notice.unusedBytes} bytes unused`;
    case 'no-frames':
      return `${notice.source}: there are no frames${notice.isRange ? ' of that time' : ''}`;
  }
}

function reasonOf({ reason, missingPermissions }: NotificationNotice & { readonly type: 'refused' }): string {
  const said = reason === undefined ? '' : `: ${reason}`;
  return missingPermissions.length === 0 ? said : `${said} (missing permissions: ${missingPermissions.join(', ')})`;
}

function causeOf({ cause }: { readonly cause?: unknown }): string {
  return cause === undefined ? '' : `: ${messageOf(cause)}`;
}

function topicsOf({ topics }: { readonly topics: readonly string[] }): string {
  const named = topics.slice(0, TOPICS_NAMED).join(', ');
  const more = topics.length - TOPICS_NAMED;
  return more > 0 ? `${named} and ${counted(more, 'more topic')}` : named;
}

function facts(notice: Notice): object {
  switch (notice.type) {
    case 'refused': {
      const { topic, reason, missingPermissions } = notice;
      return { topic, reason: reason ?? null, missingPermissions };
    }
    case 'handover': {
      const { reason, status } = notice;
      return {
        reason,
        status,
        ...(status === 'abandoned' && notice.cause !== undefined && { cause: messageOf(notice.cause) }),
      };
    }
    case 'gap':
      return bounds(notice);
    case 'topics-failed':
      return { cause: messageOf(notice.cause) };
    case 'refetch-failed':
      return { ...bounds(notice.gap), cause: messageOf(notice.cause) };
    case 'cut-off':
      return { file: notice.file, unusedBytes: notice.unusedBytes };
    case 'no-frames':
      return { source: notice.source };
  }
}

function bounds({
  from,
  to,
  topics,
}: {
  readonly from: number;
  readonly to: number;
  readonly topics: readonly string[];
}): object {
  return { from: isoTime(from), to: isoTime(to), topics };
}
