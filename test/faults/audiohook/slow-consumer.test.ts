import { map, mergeMap, Subscription, take, timer } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { AudioFrame } from '../../../src/genesys/audiohook/audio-frame.ts';
import { processWith } from '../../../operators/process-with.ts';
import { callAudioHook, type ExchangedMessage } from '../../../src/simulator/index.ts';
import { audioHookServer, CREDENTIALS } from './audio-hook-server.ts';

/** So many frames may wait. */
const HIGH_WATER_MARK = 10;

const typeOf = ({ message }: ExchangedMessage) => (message as { readonly type: string }).type;

describe('a consumer that is four times too slow', () => {
  it('has the client paused again and again, holds few frames, and gets all that is sent', async () => {
    let waiting = 0;
    let mostWaiting = 0;
    const consumed: AudioFrame[] = [];
    const server = await audioHookServer({}, ({ media$, flow, holdOpen }) => {
      const using = new Subscription();
      using.add(
        media$.subscribe(() => {
          waiting += 1;
          mostWaiting = Math.max(mostWaiting, waiting);
        }),
      );
      using.add(
        media$
          .pipe(
            processWith((frame) => timer(40).pipe(map(() => frame)), { flow, highWaterMark: HIGH_WATER_MARK }),
            mergeMap((frame) => [frame as AudioFrame]),
            holdOpen(),
          )
          .subscribe((frame) => {
            waiting -= 1;
            consumed.push(frame);
          }),
      );
      return using;
    });
    const exchanged: ExchangedMessage[] = [];
    const calls = callAudioHook({
      ...CREDENTIALS,
      url: server.url,
      duration: 60_000,
      frameDuration: 200,
      pace: 20,
      onMessage: (message) => exchanged.push(message),
    });
    const [result] = await calls.results;
    server.stop();

    const sent = exchanged.filter(({ direction }) => direction === 'sent').map(typeOf);
    const received = exchanged.filter(({ direction }) => direction === 'received').map(typeOf);
    expect(result?.outcome).toBe('closed');
    expect(received.filter((type) => type === 'pause').length).toBeGreaterThan(3);
    expect(sent.filter((type) => type === 'paused')).toHaveLength(received.filter((type) => type === 'pause').length);
    expect(consumed).toHaveLength(result?.audio.messages ?? NaN);
    expect(consumed.reduce((sum, { samples }) => sum + samples, 0)).toBe(result?.audio.samples);
    expect(mostWaiting).toBeLessThanOrEqual(HIGH_WATER_MARK + 5);
    // What was not sent has its place all the same.
    const last = consumed.at(-1);
    expect((result?.audio.samples ?? 0) + (result?.audio.discardedSamples ?? 0)).toBe(60 * 8_000);
    expect((last?.position ?? 0) + (last?.samples ?? 0)).toBeGreaterThan(50 * 8_000);
    expect(server.notices.filter(({ type }) => type === 'rejected')).toStrictEqual([]);
  });

  it('is not drowned by a client that does not pause: that one is disconnected', async () => {
    const server = await audioHookServer({}, (session) =>
      session.media$.pipe(take(1)).subscribe(() => session.pause()),
    );
    const calls = callAudioHook({
      ...CREDENTIALS,
      url: server.url,
      duration: 10_000,
      script: [{ at: 0, fault: 'ignore-pause' }],
    });
    const [result] = await calls.results;
    server.stop();
    expect(result?.outcome).toBe('disconnected');
    expect(result?.disconnect).toStrictEqual({ reason: 'error', info: 'there was audio long after pause' });
  });
});
