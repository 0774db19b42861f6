// A feed that has nothing to do with Genesys Cloud: its own payload types, on a plain `ws` server.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect } from 'rxframe';
import { accepted, binaryType, decode, definePayloadTypes, jsonType, validate } from 'rxframe/operators';
import { WebSocketServer } from 'ws';

const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
server.on('connection', (socket) => {
  socket.send('{"kind":"trade","symbol":"ABC","price":12.5}');
  socket.send('{"kind":"trade","symbol":"ABC","price":"a lot"}');
  socket.send(Uint8Array.of(0x01, 0xca, 0xfe));
  socket.close(1000);
});
await once(server, 'listening');
const { port } = server.address() as AddressInfo;

const types = definePayloadTypes(
  {
    trade: jsonType({
      type: 'object',
      properties: { kind: { const: 'trade' }, symbol: { type: 'string' }, price: { type: 'number' } },
      required: ['kind', 'symbol', 'price'],
    }),
    snapshot: binaryType({ firstByte: 0x01 }),
  },
  { type: 'kind' },
);

await connect({ url: `ws://127.0.0.1:${port}` })
  .pipe(decode(types), validate(), accepted())
  .forEach((frame) => {
    // `payloadType` tells the two apart, and the type of `decodedData` with it.
    if (frame.payloadType === 'trade') console.log(frame.decodedData.symbol, frame.decodedData.price.toFixed(2));
    else console.log('snapshot of', frame.decodedData.byteLength, 'bytes');
  });
server.close();
