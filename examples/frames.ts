import { from, map, type Observable } from 'rxjs';
import { RawFrame } from 'rxframe/operators';

/**
 * **Frames without a socket**, for examples and tests: a string is a text message as it stands, bytes are a binary one, anything
 * else is a text message of JSON.
 */
export function frames(...payloads: readonly unknown[]): Observable<RawFrame> {
  return from(payloads).pipe(
    map(
      (payload, sequence) =>
        new RawFrame({
          rawData: payload instanceof Uint8Array ? payload : new TextEncoder().encode(textOf(payload)),
          isBinary: payload instanceof Uint8Array,
          connectionId: 'example',
          sequence,
          timestamp: Date.now(),
          receivedAt: performance.now(),
        }),
    ),
  );
}

function textOf(payload: unknown): string {
  return typeof payload === 'string' ? payload : JSON.stringify(payload);
}
