import { filter } from 'rxjs';
import { publicUrl } from '../../connection/address.ts';
import { frameStream } from '../../frame-stream.ts';
import type { Configuration } from '../arguments/configuration.ts';
import { counted } from '../terminal/counted.ts';
import type { OutcomeSource } from './outcome-source.ts';

/**
 * **The streaming endpoint**, by `frameStream`.
 *
 * @param maxAttempts - after how many failed connections in a row it gives up; undefined: never
 */
export function endpointSource(
  {
    loginUrl,
    streamUrl,
    clientId,
    clientSecret,
  }: Pick<Configuration<'loginUrl' | 'streamUrl'>, 'loginUrl' | 'streamUrl' | 'clientId' | 'clientSecret'>,
  maxAttempts: number | undefined,
): OutcomeSource {
  return {
    name: publicUrl(streamUrl),
    open: ({ flow, meter, audit }) => {
      const { outcomes$, state$ } = frameStream({
        loginUrl,
        streamUrl,
        clientId,
        clientSecret,
        meter,
        connection: { flow },
        ...(maxAttempts !== undefined && { reconnect: { maxAttempts } }),
        ...(audit && { audit }),
      });
      let opened = 0;
      state$.pipe(filter(({ status }) => status === 'open')).subscribe(() => (opened += 1));
      return { outcomes$, state$, counts: () => [counted(Math.max(0, opened - 1), 'reconnection')] };
    },
  };
}
