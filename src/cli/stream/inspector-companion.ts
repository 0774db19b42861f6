import { Subject, tap } from 'rxjs';
import type { AnyFrame } from '../../../operators/frame.ts';
import { inspect } from '../../inspector/inspect.ts';
import type { Companion, CompanionParts } from './companion.ts';

/**
 * **The inspector beside a stream on the command line**: its address is a line of the log.
 *
 * @throws the system's error, where the port can't be had
 */
export async function inspectorCompanion(port: number, { state$, log }: CompanionParts): Promise<Companion> {
  const outcomes$ = new Subject<AnyFrame>();
  const { url, close } = await inspect({ outcomes$, state$ }, { port });
  log(`inspector at ${url}`);
  return { through: tap(outcomes$), close };
}
