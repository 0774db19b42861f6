import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import type { FullMessage, TickMessage } from '../../src/inspector/protocol.ts';

/** An answer of the inspector. */
export interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** Asks with these headers, `Host` among them, and where it is given for a path as it is written. */
export async function ask(
  url: string,
  headers: Record<string, string> = {},
  method = 'GET',
  path?: string,
): Promise<Answer> {
  const response = await responseTo(url, headers, method, path);
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) };
}

/** A message of the live channel. */
export type Message =
  { readonly event: 'full'; readonly data: FullMessage } | { readonly event: 'tick'; readonly data: TickMessage };

/** Reads the live channel, as a page does, until the server ends it. */
export async function* messages(url: string): AsyncGenerator<Message, void> {
  const response = await responseTo(`${url}events`, {}, 'GET');
  const { socket } = response;
  const closed = once(socket, 'close').catch(() => undefined);
  let text = '';
  try {
    for await (const chunk of response.setEncoding('utf8') as AsyncIterable<string>) {
      const blocks = (text + chunk).split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        const [, event = '', data = ''] = /^event: (full|tick)\ndata: (.*)$/.exec(block) ?? [];
        if (event !== '') yield { event, data: JSON.parse(data) as unknown } as Message;
      }
    }
    await closed;
  } catch (error) {
    // How a connection ends that the server destroys.
    if ((error as NodeJS.ErrnoException).code !== 'ECONNRESET') throw error;
  }
}

async function responseTo(
  url: string,
  headers: Record<string, string>,
  method: string,
  path?: string,
): Promise<IncomingMessage> {
  const asked = request(url, { headers, method, agent: false, ...(path !== undefined && { path }) }).end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  return response;
}
