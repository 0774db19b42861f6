import { once } from 'node:events';
import { WebSocket } from 'ws';
import { RawFrame } from 'rxframe/operators';
import { startSimulator } from 'rxframe/simulator';

const FRAMES = 4_096;

/** What `sizeGate` lets through, in bytes. The oversize frames of the corpus are small, so that they weigh on no memory. */
export const MAX_BYTES = 32 * 1024;

/** A frame as Node receives it. */
export type NodeFrame = RawFrame & { readonly rawData: Buffer };

/**
 * **The frames that everything is measured on**: what a plain client receives from the simulator, the same in each run.
 * Interaction updates of 300 B to 4 KB, media of 320 to 3,200 B, keepalives, and one frame in a hundred is bad.
 */
export async function corpus(): Promise<readonly NodeFrame[]> {
  const simulator = await startSimulator({
    seed: 5,
    rate: Infinity,
    frames: FRAMES,
    poolSize: FRAMES,
    badRate: 0.01,
    payloadBytes: { min: 300, max: 4096 },
    oversizeBytes: 2 * MAX_BYTES,
  });
  const { loginUrl, streamUrl, clientId, clientSecret } = simulator;
  try {
    const answer = await fetch(`${loginUrl}/oauth/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    });
    const { access_token: token } = (await answer.json()) as { readonly access_token: string };
    const headers = { authorization: `Bearer ${token}` };
    const socket = new WebSocket(streamUrl, { headers, skipUTF8Validation: true });
    const frames: NodeFrame[] = [];
    socket.on('message', (data: Buffer, isBinary) => frames.push(nodeFrame(data, isBinary, frames.length)));
    await once(socket, 'close');
    if (frames.length !== FRAMES) throw new Error(`The corpus has ${frames.length} frames, not ${FRAMES}.`);
    return frames;
  } finally {
    await simulator.close();
  }
}

/** A frame with these bytes, received now. */
export function nodeFrame(rawData: Buffer, isBinary: boolean, sequence: number): NodeFrame {
  return new RawFrame({
    rawData,
    isBinary,
    connectionId: 'bench',
    sequence,
    timestamp: Date.now(),
    receivedAt: performance.now(),
  }) as NodeFrame;
}
