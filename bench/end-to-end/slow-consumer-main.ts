import { setTimeout } from 'node:timers/promises';
import { connect, Flow, reconnect } from 'rxframe';
import { genesysTypes } from 'rxframe/genesys';
import { accepted, checksum, decode, Meter, metrics, processWith, sizeGate, validate } from 'rxframe/operators';
import { WebSocket } from 'ws';
import { MAX_BYTES } from '../corpus.ts';
import { memory } from './memory.ts';
import { settings } from './settings.ts';

/** What the process is to do. */
export interface SlowConsumerTask {
  readonly client: 'rxframe' | 'bare ws, unpaused';
  readonly url: string;
  /** How long, in seconds. */
  readonly seconds: number;
}

/** What it tells when the time is over. */
export interface SlowConsumerReport {
  /** How much more memory than at first the process had at most, as the system counts it, in bytes. */
  readonly peakGrowth: number;
  /** Frames that the consumer has had each second. */
  readonly consumedPerSecond: number;
}

const CONCURRENCY = 4;

const { client, url, seconds } = settings() as SlowConsumerTask;
let consumed = 0;

/** Takes a millisecond: with four under way far less than a tenth of what comes is taken. */
async function consume(): Promise<void> {
  await setTimeout(1);
  consumed += 1;
}

function startOurs(): void {
  const flow = new Flow();
  connect({ url, flow })
    .pipe(
      reconnect(),
      sizeGate({ maxBytes: MAX_BYTES }),
      decode(genesysTypes),
      validate(),
      checksum(),
      metrics(new Meter()),
      accepted(),
      processWith(consume, { flow, concurrency: CONCURRENCY }),
    )
    .subscribe();
}

/** What is easily written by hand, and works until the sender is faster than the consumer. */
function startUnpaused(): void {
  const waiting: Buffer[] = [];
  let underWay = 0;
  const next = async () => {
    underWay += 1;
    while (waiting.shift() !== undefined) await consume();
    underWay -= 1;
  };
  new WebSocket(url, { skipUTF8Validation: true }).on('message', (data: Buffer) => {
    waiting.push(data);
    if (underWay < CONCURRENCY) void next();
  });
}

gc?.();
const before = memory().rss;
if (client === 'rxframe') startOurs();
else startUnpaused();
let peak = before;
for (let tenth = 0; tenth < seconds * 10; tenth += 1) {
  await setTimeout(100);
  peak = Math.max(peak, memory().rss);
}
const report: SlowConsumerReport = { peakGrowth: peak - before, consumedPerSecond: consumed / seconds };
process.send?.(report, () => process.exit());
