import { callAudioHook, type AudioHookCallOptions, type AudioHookCallTotals, type CallResult } from 'rxframe/simulator';
import { settings } from './settings.ts';

/** What the process is to do. */
export type AudioHookClientTask = Pick<
  AudioHookCallOptions,
  'url' | 'apiKey' | 'clientSecret' | 'sessions' | 'startOver' | 'duration' | 'frameDuration'
>;

/** What it tells when all sessions are over. */
export interface AudioHookClientReport {
  readonly results: readonly CallResult[];
  readonly totals: AudioHookCallTotals;
  /** Processor time in seconds, in the kernel too. */
  readonly cpu: number;
}

const calls = callAudioHook(settings() as AudioHookClientTask);
const results = await calls.results;
const { user, system } = process.cpuUsage();
const report: AudioHookClientReport = { results, totals: calls.totals, cpu: (user + system) / 1e6 };
process.send?.(report, () => process.disconnect());
