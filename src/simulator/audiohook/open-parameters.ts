import type { ResolvedCallOptions } from './call-options.ts';

/** A session that another goes on with, as `open` names it. */
export interface ContinuedSession {
  readonly id: string;
  readonly serverseq: number;
  readonly clientseq: number;
}

/** Who is in a session. */
export interface SessionParties {
  /** As the `open` message names it. */
  readonly organizationId: string;
  readonly conversationId: string;
  readonly participantId: string;
  /** The sessions of the call before this one, the last ten at most, the first one first. */
  readonly continued: readonly ContinuedSession[];
}

/** **The parameters of `open`.** What has no value is left out. */
export function openParameters(parties: SessionParties, settings: ResolvedCallOptions): object {
  const { language, supportedLanguages, customConfig, media } = settings;
  const { organizationId, conversationId, participantId, continued } = parties;
  return {
    organizationId,
    conversationId,
    participant: { id: participantId, ani: '+15555550100', aniName: 'Simulated Caller', dnis: '+15555550199' },
    media,
    ...(language !== undefined && { language }),
    ...(supportedLanguages !== undefined && { supportedLanguages }),
    ...(continued.length > 0 && { continuedSessions: continued }),
    ...(customConfig && { customConfig }),
  };
}
