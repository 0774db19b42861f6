import type { Socket } from 'node:net';
import fc, { type Arbitrary } from 'fast-check';

/** How a server is done with a connection: FIN, RST, or not at all. */
export type Ending = 'fin' | 'rst' | 'stay';

/** **How bytes go onto the wire**: in which pieces, and what comes after them. */
export interface Delivery {
  /** Where the bytes are cut, each in percent of their length. */
  readonly cuts: readonly number[];
  readonly ending: Ending;
}

export const delivery: Arbitrary<Delivery> = fc.record({
  cuts: fc.array(fc.integer({ min: 0, max: 100 }), { maxLength: 4 }),
  ending: fc.oneof(
    { weight: 5, arbitrary: fc.constant('fin' as const) },
    { weight: 2, arbitrary: fc.constant('rst' as const) },
    // Costs the client's patience.
    { weight: 1, arbitrary: fc.constant('stay' as const) },
  ),
});

/** Writes the bytes, piece by piece, each in a packet of its own as far as TCP lets one say so. */
export async function deliver(socket: Socket, bytes: Uint8Array, { cuts, ending }: Delivery): Promise<void> {
  socket.setNoDelay(true);
  const places = [
    0,
    ...cuts.map((percent) => Math.floor((percent / 100) * bytes.length)).sort((a, b) => a - b),
    bytes.length,
  ];
  for (const [index, end] of places.slice(1).entries()) {
    const piece = bytes.subarray(places[index], end);
    await new Promise<void>((resolve) => {
      if (socket.destroyed) resolve();
      else socket.write(piece, () => setImmediate(resolve));
    });
  }
  if (ending === 'fin') socket.end();
  else if (ending === 'rst') socket.resetAndDestroy();
}
