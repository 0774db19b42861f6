// Run by Node, Bun and Deno: all entry points, a stream that reconnects with an audit file, a paused socket, a refused upgrade.
import { connect, failureClass, Flow, reconnect } from 'rxframe';
import { clientCredentials, genesysTypes } from 'rxframe/genesys';
import { pinoAuditSink } from 'rxframe/node';
import { accepted, audit, checksum, decode, processWith, sizeGate, validate } from 'rxframe/operators';
import { lastValueFrom, take, tap, toArray } from 'rxjs';

const { loginUrl, streamUrl, burstUrl, clientId, clientSecret, entries } = JSON.parse(process.argv[2]);
const told = { entries: [], runtime: 'node' };
if ('Bun' in globalThis) told.runtime = 'bun';
if ('Deno' in globalThis) told.runtime = 'deno';

for (const entry of entries) if (Object.keys(await import(entry)).length > 0) told.entries.push(entry);

const sink = pinoAuditSink({ destination: `${told.runtime}.log` });
const frames = await lastValueFrom(
  connect({ url: streamUrl, token: clientCredentials({ loginUrl, clientId, clientSecret }) }).pipe(
    reconnect({ initialDelay: 10 }),
    sizeGate(),
    decode(genesysTypes),
    validate(),
    checksum(),
    audit(sink),
    accepted(),
    take(60),
    toArray(),
  ),
);
await sink.close();
told.connections = new Set(frames.map(({ connectionId }) => connectionId)).size;
told.checked = frames.some(({ checksumValid }) => checksumValid === true);

const flow = new Flow();
told.received = 0;
await connect({ url: burstUrl, flow })
  .pipe(
    tap(() => (told.received += 1)),
    processWith(
      async ({ sequence }) => {
        if (sequence > 0) return;
        // What could have come by now, has.
        for (let trip = 0; trip < 50; trip += 1) await (await fetch(loginUrl)).text();
        told.receivedWhilePaused = told.received;
      },
      { flow, highWaterMark: 4 },
    ),
  )
  .forEach(() => undefined);

await connect({ url: streamUrl, token: 'wrong' })
  .forEach(() => undefined)
  .catch((error) => (told.refused = `${failureClass(error)} ${error.status}`));

console.log(JSON.stringify(told));
