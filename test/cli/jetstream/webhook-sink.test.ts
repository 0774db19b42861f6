import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { lastValueFrom } from 'rxjs';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { webhookSink } from '../../../src/cli/jetstream/webhook-sink.ts';
import { DeadLetterError } from '../../../src/jetstream/consume/dead-letter-error.ts';
import { SECRET } from '../server.ts';
import { deliveryOf, frameOf } from './delivered.ts';

interface Asked {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

const closing: (() => void)[] = [];
afterAll(() => {
  for (const close of closing) close();
});

/** A webhook that answers as the test says, and what it was asked. */
async function webhook(answer: (response: ServerResponse, nth: number) => void) {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const { method, url, headers } = request;
      asked.push({ method, url, headers, body });
      answer(response, asked.length);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: new URL(`http://127.0.0.1:${port}/${SECRET}`), host: `127.0.0.1:${port}`, asked };
}

const status =
  (code: number, headers = {}) =>
  (response: ServerResponse) =>
    response.writeHead(code, headers).end(SECRET);

function posting(
  url: URL,
  { timeout = 20_000, authorization = undefined as string | undefined, frame = frameOf('{"a":1}') } = {},
) {
  const sink = webhookSink({ url, authorization, timeout });
  return sink.work(frame, deliveryOf({ key: 'gespräch 1' }));
}

const outcome = (...args: Parameters<typeof posting>) => lastValueFrom(posting(...args), { defaultValue: 'done' });

/** What it failed with. */
async function failure(...args: Parameters<typeof posting>): Promise<Error> {
  const error: unknown = await outcome(...args).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(Error);
  expect((error as Error).message).not.toContain(SECRET);
  expect((error as Error).cause).toBeUndefined();
  return error as Error;
}

describe.concurrent('webhookSink', () => {
  it('posts the payload, with what is known of the frame in headers', async () => {
    const { url, asked } = await webhook(status(202));
    await outcome(url, { authorization: `Bearer ${SECRET}` });
    expect(asked).toEqual([
      {
        method: 'POST',
        url: `/${SECRET}`,
        body: '{"a":1}',
        headers: expect.objectContaining({
          'content-type': 'application/json',
          'content-length': '7',
          authorization: `Bearer ${SECRET}`,
          'idempotency-key': 'id-1',
          'rxframe-type': 'interaction.update',
          'rxframe-key': 'gespr%C3%A4ch%201',
          'rxframe-organization': 'acme',
          'rxframe-stream': 'GENESYS-3',
          'rxframe-sequence': '42',
          'rxframe-delivery-count': '1',
          'rxframe-frame': 'c1-7',
          'rxframe-timestamp': '2026-01-31T12:00:00.000Z',
        }) as unknown,
      },
    ]);
  });

  it('posts bytes as bytes, and no authorization where there is none', async () => {
    const { url, asked } = await webhook(status(204));
    await outcome(url, { frame: frameOf('\u0080', { isBinary: true }) });
    expect(asked[0]?.headers).toMatchObject({ 'content-type': 'application/octet-stream' });
    expect(asked[0]?.headers).not.toHaveProperty('authorization');
  });

  it.each([400, 404, 409, 410, 413, 415, 422, 451])('has failed for good where %i is answered', async (code) => {
    const { url, host } = await webhook(status(code));
    const error = await failure(url);
    expect(error).toBeInstanceOf(DeadLetterError);
    expect(error.message).toBe(`${host} answered the webhook with ${code}`);
  });

  it.each([301, 308, 401, 403, 408, 425, 429, 500, 502, 503, 504])(
    'has failed for now where %i is answered',
    async (code) => {
      const { url, host } = await webhook(status(code, { location: '/elsewhere' }));
      const error = await failure(url);
      expect(error).not.toBeInstanceOf(DeadLetterError);
      expect(error.message).toBe(`${host} answered the webhook with ${code}`);
    },
  );

  it.each([429, 503])('takes as long as Retry-After asks for with %i', async (code) => {
    const { url } = await webhook(status(code, { 'retry-after': '1' }));
    const begin = performance.now();
    await failure(url);
    expect(performance.now() - begin).toBeGreaterThan(990);
  });

  it('gives up the wait for Retry-After, and the request, where the work is given up', async () => {
    const patient = await webhook(status(503, { 'retry-after': '3600' }));
    const silent = await webhook(() => undefined);
    for (const { url, asked } of [patient, silent]) {
      const failed = vi.fn();
      const working = posting(url).subscribe({ error: failed });
      await vi.waitFor(() => expect(asked).toHaveLength(1));
      working.unsubscribe();
      expect(failed).not.toHaveBeenCalled();
    }
  });

  it('has failed for now where no answer comes in time', async () => {
    const { url, host } = await webhook(() => undefined);
    expect((await failure(url, { timeout: 200 })).message).toBe(`${host} did not answer the webhook within 200 ms.`);
  });

  it('has failed for now where nobody listens, or the connection is cut', async () => {
    const gone = await webhook((response) => response.socket?.destroy());
    expect((await failure(gone.url)).message).toMatch(/^The webhook request to 127\.0\.0\.1:\d+ failed: \w+\.$/);
    const closed = new URL(`http://127.0.0.1:1/${SECRET}`);
    const error = await failure(closed);
    expect(error).not.toBeInstanceOf(DeadLetterError);
  });
});
