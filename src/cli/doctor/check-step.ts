/** The steps of `doctor`, in order: each needs what the former ones found. */
export const STEPS = [
  'configuration',
  'hosts',
  'token',
  'scopes',
  'api',
  'clock',
  'channel',
  'topic',
  'socket',
  'pong',
] as const;

export type StepName = (typeof STEPS)[number];

/** What a step came to. */
export interface CheckStep {
  readonly step: StepName;
  /** `skipped`: not tried, or no hindrance. */
  readonly verdict: 'ok' | 'failed' | 'skipped';
  /** What was found, or what went wrong. */
  readonly detail: string;
  /** What to do about it. */
  readonly advice?: string;
  /** The error's code, such as `ERR_AUTH`. */
  readonly code?: string;
  /** How long it took. Left out where it was not tried. */
  readonly durationMs?: number;
}
