// A live stream from the simulator, faults included: the preset, typed frames, dead letters, and the count at the end.
import { frameStream } from 'rxframe';
import { isRejected, Meter, ofType } from 'rxframe/operators';
import { startSimulator } from 'rxframe/simulator';
import { lastValueFrom, share, tap } from 'rxjs';

// In production: frameStream({ env: 'eu-central-1', clientId, clientSecret }).
const simulator = await startSimulator({
  rate: 2_000,
  frames: 500,
  script: [
    { at: 7, fault: 'truncated-json' },
    { at: 9, fault: 'wrong-checksum' },
  ],
});
const { loginUrl, streamUrl, clientId, clientSecret } = simulator;

const meter = new Meter();
const { outcomes$ } = frameStream({ loginUrl, streamUrl, clientId, clientSecret, meter });

const shared$ = outcomes$.pipe(
  tap((outcome) => {
    if (isRejected(outcome)) console.log('rejected', outcome.sequence, outcome.stage, outcome.reason);
  }),
  share(),
);
let queued = 0;
shared$.pipe(ofType('interaction.update')).subscribe(({ decodedData }) => {
  if ('queueName' in decodedData.routing) queued += 1;
});
await lastValueFrom(shared$);

const { frames, accepted, rejected, byType } = meter.snapshot();
console.log(`${frames} in = ${accepted} accepted + ${rejected} rejected`);
console.log(`${byType['interaction.update'] ?? 0} interactions, ${queued} of them with a queue`);
await simulator.close();
