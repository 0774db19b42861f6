import { counted } from '../terminal/counted.ts';
import { terminalText } from '../terminal/terminal-text.ts';
import { secondsOf } from './seconds-of.ts';
import type { ServerTotals } from './server-totals.ts';

/**
 * **What the run of a server came to**, for stderr.
 *
 * @param directory - where it was recorded, if it was
 * @param lostLines - how many lines for stdout were not written, or not whole
 */
export function serverSummary(totals: ServerTotals, directory: string | undefined, lostLines: number): string {
  const { frames, accepted, rejected, byReason } = totals.meter.snapshot();
  const { sessions, probes, neverOpened, refused, unbalanced, failedRecordings, transcripts } = totals;
  const reasons = Object.entries(byReason).map(([reason, count]) => `${reason} ${count}`);
  const refusals = [...refused].map(([reason, count]) => `${reason} ${count}`);
  return [
    [
      counted(sessions, 'session'),
      ...(probes === 0 ? [] : [counted(probes, 'probe')]),
      ...(neverOpened === 0 ? [] : [`${neverOpened} never opened`]),
      `${totals.refusals} refused`,
    ].join(', '),
    ...(refusals.length === 0 ? [] : [`refused: ${refusals.join(', ')}`]),
    unbalanced === 0
      ? `${counted(frames, 'message')} = ${accepted} accepted + ${rejected} rejected`
      : `DEFECT: messages of ${counted(unbalanced, 'session')} were lost or counted twice`,
    ...(reasons.length === 0 ? [] : [`rejected: ${reasons.join(', ')}`]),
    [
      `${secondsOf(totals.audioSamples)} of audio in ${counted(totals.audioMessages, 'message')}`,
      counted(totals.audioBytes, 'byte'),
      ...(transcripts === 0 ? [] : [counted(transcripts, 'transcript')]),
    ].join(', '),
    ...(directory === undefined
      ? []
      : [`recorded in ${terminalText(directory)}: ${counted(totals.recorded, 'session')}`]),
    ...(failedRecordings === 0 ? [] : [`INCOMPLETE: ${counted(failedRecordings, 'recording')} failed`]),
    ...(lostLines === 0 ? [] : [`stdout: INCOMPLETE: ${counted(lostLines, 'line')} lost`]),
  ].join('\n');
}
