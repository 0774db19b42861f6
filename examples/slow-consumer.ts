// A consumer that is slower than the sender: the socket is paused, and nothing is lost.
import { setTimeout } from 'node:timers/promises';
import { connect, Flow } from 'rxframe';
import { clientCredentials, genesysTypes } from 'rxframe/genesys';
import { accepted, decode, processWith, validate } from 'rxframe/operators';
import { startSimulator } from 'rxframe/simulator';

// 1,000 frames, as fast as they are taken.
const simulator = await startSimulator({ rate: Infinity, frames: 1_000 });

const { loginUrl, streamUrl, clientId, clientSecret } = simulator;

const token = clientCredentials({ loginUrl, clientId, clientSecret });
const flow = new Flow();
let saved = 0;
await connect({ url: streamUrl, token, flow })
  .pipe(
    decode(genesysTypes),
    validate(),
    accepted(),
    processWith(
      async () => {
        await setTimeout(1);
        saved += 1;
      },
      { concurrency: 8, highWaterMark: 64, flow },
    ),
  )
  .forEach(() => undefined);

console.log('sent', simulator.totals.frames, 'saved', saved, flow.releases > 0 ? 'paused on the way' : 'never paused');
await simulator.close();
