import { noop } from 'rxjs';

/**
 * **Reads a body as UTF-8**, up to `maxBytes`; gives undefined, and lets go of the connection, where there is more.
 *
 * Fails when `signal` is aborted, also where the platform would wait for ever: Node's `fetch` neither ends nor refuses a body
 * that says it is compressed, and is not.
 */
export async function boundedText(
  response: Response,
  maxBytes: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  signal.throwIfAborted();
  const reader = response.body?.getReader();
  if (reader === undefined) return '';
  // Ends the read that is under way. Fails where the body has failed already, which that read tells.
  const leave = () => void reader.cancel().catch(noop);
  signal.addEventListener('abort', leave, { once: true });
  try {
    return await read(reader, maxBytes, signal);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}

async function read(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  maxBytes: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  const decoder = new TextDecoder();
  let text = '';
  let byteLength = 0;
  for (;;) {
    const { done, value } = await reader.read();
    signal.throwIfAborted();
    if (done) return text + decoder.decode();
    byteLength += value.byteLength;
    if (byteLength > maxBytes) {
      await reader.cancel();
      return undefined;
    }
    text += decoder.decode(value, { stream: true });
  }
}
