import { catchError, concatMap, firstValueFrom, from, map, of, throwError, toArray, type Observable } from 'rxjs';
import { ApiError } from '../../../operators/errors.ts';
import { channelApi } from '../../genesys/notifications/channel-api.ts';
import { apiClient, type ApiAccess } from './api-client.ts';
import { counted } from '../terminal/counted.ts';
import { exitCode } from '../exit-code.ts';
import { terminalJson, terminalText } from '../terminal/terminal-text.ts';

interface Deletion {
  readonly id: string;
  /** Why not; undefined where it is done. */
  readonly failure: ApiError | undefined;
}

/**
 * **Removes all subscriptions of channels**, prints what became of each, and gives the exit code. One that the platform refuses
 * does not keep it from the others.
 *
 * @param ids - undefined: of each channel whose id the platform tells
 */
export async function deleteChannels(
  access: ApiAccess,
  ids: readonly string[] | undefined,
  json: boolean,
): Promise<number> {
  const api = channelApi(apiClient(access));
  const ids$: Observable<readonly string[]> =
    ids === undefined
      ? api.list('client').pipe(map((channels) => channels.flatMap(({ id }) => (id === undefined ? [] : [id]))))
      : of(ids);
  const deletions$ = ids$.pipe(
    concatMap((known) => from(known)),
    concatMap((id) =>
      api.removeTopics(id).pipe(
        map((): Deletion => ({ id, failure: undefined })),
        catchError((error: unknown) =>
          error instanceof ApiError ? of({ id, failure: error }) : throwError(() => error),
        ),
      ),
    ),
    toArray(),
  );
  const deletions = await firstValueFrom(deletions$);
  for (const deletion of deletions) process.stdout.write(`${json ? line(deletion) : sentence(deletion)}\n`);
  const done = deletions.filter(({ failure }) => failure === undefined).length;
  process.stderr.write(
    deletions.length === 0
      ? 'there is no channel of this token; the ids of others are not told\n'
      : `${counted(done, 'channel')} without subscriptions now; a channel ends by itself, 24 h after its last use\n`,
  );
  return done === deletions.length ? exitCode.done : exitCode.failed;
}

function line({ id, failure }: Deletion): string {
  return terminalJson({ id, deleted: failure === undefined, ...(failure && { error: failure.message }) });
}

function sentence({ id, failure }: Deletion): string {
  return terminalText(`${id}: ${failure === undefined ? 'its subscriptions are removed' : failure.message}`);
}
