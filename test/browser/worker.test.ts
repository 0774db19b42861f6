import { describe, expect } from 'vitest';
import { it } from './browser-test.ts';

describe('a dedicated worker', () => {
  it('connects, decodes, and reconnects, with no document about', async ({ page, feed }) => {
    const arrival = page.waitForEvent('worker');
    await page.evaluate(() => {
      new Worker('/bundle.js');
    });
    const worker = await arrival;
    const recorded = worker.evaluate(
      (url) =>
        record(
          rxframe
            .connect({ url })
            .pipe(
              rxframe.reconnect({ initialDelay: 0 }),
              operators.decode(genesys.genesysTypes),
              operators.validate(),
              operators.accepted(),
            ),
          ({ payloadType, sequence }) => [payloadType, sequence, typeof document],
        ),
      feed.url,
    );
    const first = await feed.next();
    first.socket.send('{"type":"keepalive"}');
    first.socket.close(1012);
    const second = await feed.next();
    second.socket.send(Uint8Array.of(0x80));
    second.socket.close(1000);
    expect(await recorded).toEqual({
      values: [
        ['keepalive', 0, 'undefined'],
        ['telephony.media', 0, 'undefined'],
      ],
      end: { kind: 'complete' },
    });
  });
});
