import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { LONGEST_BODY, type HttpRequest, type HttpResponse } from './http-message.ts';

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let byteLength = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    byteLength += chunk.length;
    if (byteLength <= LONGEST_BODY) chunks.push(chunk);
  }
  return byteLength > LONGEST_BODY ? undefined : Buffer.concat(chunks).toString();
}

function joined(headers: IncomingHttpHeaders): HttpRequest['headers'] {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  );
}

async function exchange(
  request: IncomingMessage,
  response: ServerResponse,
  answer: (request: HttpRequest) => HttpResponse | undefined,
): Promise<void> {
  const body = await readBody(request);
  const [path = '', ...query] = (request.url ?? '').split('?');
  const given = answer({
    method: request.method ?? '',
    path,
    query: new URLSearchParams(query.join('?')),
    headers: joined(request.headers),
    body,
  });
  if (given === undefined) return;
  response.writeHead(given.status, given.headers);
  response.end(given.body);
}

/** **Answers one request of an HTTP server by a function**; where that gives nothing, the request hangs. */
export function serveHttp(
  request: IncomingMessage,
  response: ServerResponse,
  answer: (request: HttpRequest) => HttpResponse | undefined,
): void {
  // A client that goes away while it sends its body is none to answer.
  exchange(request, response, answer).catch(() => response.destroy());
}
