import { filter, firstValueFrom, ReplaySubject, take, throwError, throwIfEmpty, timeout, type Observable } from 'rxjs';
import { ClosedError, TimeoutError } from '../../../operators/errors.ts';
import type { Checklist } from './checklist.ts';
import { socketSigns, type SocketSign } from './socket-signs.ts';

/** How long an answer to a ping may take, in milliseconds. */
const PONG_TIMEOUT = 10_000;

/** **Does the steps `socket` and `pong`** on one connection, and closes it. */
export async function examineSocket(list: Checklist, connectUri: string): Promise<void> {
  const signs$ = new ReplaySubject<SocketSign>(2);
  const socket = socketSigns(connectUri).subscribe(signs$);
  try {
    const open = await list.do('socket', async () => {
      const found = await firstValueFrom(sign(signs$, 'open'));
      return { found, detail: `open, at ${new URL(connectUri).host}` };
    });
    if (open === undefined) return;
    await list.do('pong', async () => {
      const found = await firstValueFrom(sign(signs$, 'pong').pipe(timeout({ first: PONG_TIMEOUT, with: noPong })));
      return { found, detail: `came after ${found.after.toFixed(1)} ms` };
    });
  } finally {
    socket.unsubscribe();
  }
}

function sign<Sign extends SocketSign['sign']>(
  signs$: Observable<SocketSign>,
  wanted: Sign,
): Observable<SocketSign & { readonly sign: Sign }> {
  return signs$.pipe(
    filter((found): found is SocketSign & { readonly sign: Sign } => found.sign === wanted),
    take(1),
    throwIfEmpty(() => new ClosedError(1000, '')),
  );
}

function noPong(): Observable<never> {
  const message = `No answer to a ping came within ${PONG_TIMEOUT} ms.`;
  return throwError(() => new TimeoutError(message, 'heartbeat', PONG_TIMEOUT));
}
