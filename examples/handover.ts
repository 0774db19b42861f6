// Replaces a connection while it delivers: no event is lost, none is seen twice.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect } from 'rxframe';
import { accepted, decode, definePayloadTypes, handover, jsonType, validate } from 'rxframe/operators';
import { Subject, take, tap } from 'rxjs';
import { WebSocketServer } from 'ws';

// A server that sends the same events to every connection, as many feeds do.
const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
await once(server, 'listening');
const { port } = server.address() as AddressInfo;
let id = 0;
const sending = setInterval(() => {
  id += 1;
  for (const socket of server.clients) socket.send(JSON.stringify({ type: 'event', id }));
}, 2);

const types = definePayloadTypes({
  event: jsonType(
    { type: 'object', properties: { id: { type: 'number' } }, required: ['id'] },
    { identity: (data) => String(data.id) },
  ),
});

const when$ = new Subject<void>();
const ids: number[] = [];
await connect({ url: `ws://127.0.0.1:${port}` })
  .pipe(
    decode(types),
    validate(),
    handover({ when$, overlap: 50, state: { next: ({ status }) => console.log(status) } }),
    accepted(),
    tap(({ sequence }) => {
      if (sequence === 20 && ids.length === 20) when$.next();
    }),
    take(150),
  )
  .forEach(({ decodedData }) => void ids.push(decodedData.id));

clearInterval(sending);
server.close();
const first = ids[0] ?? 0;
console.log(ids.length, 'events,', ids.every((event, index) => event === first + index) ? 'each once' : 'with gaps');
