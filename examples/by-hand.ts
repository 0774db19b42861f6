// The preset's pipeline, wired by hand.
import { connect, reconnect } from 'rxframe';
import { clientCredentials, genesysTypes } from 'rxframe/genesys';
import { accepted, checksum, decode, Meter, metrics, sizeGate, validate } from 'rxframe/operators';
import { startSimulator } from 'rxframe/simulator';
import { take } from 'rxjs';

// The first connection is lost after 20 frames, so that there is something to reconnect for.
const simulator = await startSimulator({ script: [{ at: 20, connection: 0, drop: true }] });

const { loginUrl, streamUrl, clientId, clientSecret } = simulator;

const token = clientCredentials({ loginUrl, clientId, clientSecret });
const meter = new Meter();
await connect({ url: streamUrl, token })
  .pipe(
    reconnect({ initialDelay: 50 }),
    sizeGate(),
    decode(genesysTypes),
    validate(),
    checksum(),
    metrics(meter),
    accepted(),
    take(50),
  )
  .forEach(() => undefined);

console.log(meter.snapshot().accepted, 'frames over', simulator.totals.connections, 'connections');
await simulator.close();
