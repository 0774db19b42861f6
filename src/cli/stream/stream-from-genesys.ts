import { identity, type MonoTypeOperatorFunction } from 'rxjs';
import type { Topic } from '../../genesys/notifications/topics.ts';
import { countFlag, type FlagValues } from '../arguments/flags.ts';
import { listenToEndpoint } from './listen-to-endpoint.ts';
import { listenToNotifications } from './listen-to-notifications.ts';
import { checkSourceFlags, type SOURCE_FLAGS } from '../arguments/source-flags.ts';
import { onStopSignal } from '../stop-signal.ts';
import type { StreamWishes } from './stream-outcomes.ts';

/**
 * **Streams from where the flags say until it is stopped**, and gives the exit code.
 *
 * @param command - the command and its words, for the message on what is missing
 * @param share - leaves of the topics of notification channels those that this process is to have
 * @throws UsageError where the flags or the configuration are not usable; the error that ended the stream
 */
export async function streamFromGenesys(
  command: string,
  flags: FlagValues<typeof SOURCE_FLAGS>,
  wishes: StreamWishes,
  share: MonoTypeOperatorFunction<readonly Topic[]> = identity,
): Promise<number> {
  checkSourceFlags(flags);
  const maxAttempts = countFlag('--max-attempts', flags['max-attempts']);
  // From here on a signal stops it in order, also while the library loads.
  const stopped = new Promise<void>((stop) => onStopSignal(stop));
  return flags.notifications === true
    ? listenToNotifications(command, flags, maxAttempts, wishes, stopped, share)
    : listenToEndpoint(command, flags, maxAttempts, wishes, stopped);
}
