import { sha256 } from '@noble/hashes/sha2.js';
import { handFusedText } from '../hand-fused-text.ts';
import type { PageClient } from './page-client.ts';

const utf8 = new TextEncoder();

/** The job by hand, on a bare `WebSocket`. The six stages count bytes, so text is encoded; it is parsed as the string that it is. */
export const bare: PageClient = ({ url, maxBytes, consume }) => {
  const job = handFusedText({
    maxBytes,
    sha256: (text) => btoa(String.fromCharCode(...sha256(utf8.encode(text)))),
    accept: ({ message }) => consume(message.sequence),
  });
  let sequence = 0;
  const socket = new WebSocket(url);
  socket.binaryType = 'arraybuffer';
  socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
    const receivedAt = performance.now();
    const timestamp = Date.now();
    const { byteLength } = typeof data === 'string' ? utf8.encode(data) : data;
    job.take({ data, byteLength, connectionId: 'page', sequence: sequence++, timestamp, receivedAt });
  };
  return new Promise((resolve, reject) => {
    socket.onclose = ({ code }) => {
      if (code === 1000) resolve(job.counts().outcomes);
      else reject(new Error(`It was closed with ${code}.`));
    };
  });
};
