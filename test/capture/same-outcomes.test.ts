import { lastValueFrom, toArray, type Observable } from 'rxjs';
import { expect, it } from 'vitest';
import { auditRecord } from '../../operators/audit-record.ts';
import { checksum } from '../../operators/checksum.ts';
import { decode } from '../../operators/decode.ts';
import { Flow } from '../../operators/flow.ts';
import { isRejected, type AnyFrame, type RawFrame } from '../../operators/frame.ts';
import { record } from '../../operators/record.ts';
import { sizeGate } from '../../operators/size-gate.ts';
import { validate } from '../../operators/validate.ts';
import { captureFile } from '../../src/capture/capture-file.ts';
import { replay } from '../../src/capture/replay.ts';
import { frameStream } from '../../src/frame-stream.ts';
import { genesysTypes } from '../../src/genesys/payload-types.ts';
import { startSimulator } from '../../src/simulator/index.ts';
import { inFolder } from './capture-folder.ts';
import { readMcap } from './mcap.ts';

const MAX_BYTES = 64 * 1024;

const stages = (frames$: Observable<RawFrame>): Observable<AnyFrame> =>
  frames$.pipe(sizeGate({ maxBytes: MAX_BYTES }), decode(genesysTypes), validate(), checksum());

/** Records to that file until the stream ends, and gives what came. */
async function recorded(name: string, outcomes$: Observable<AnyFrame>, flow: Flow): Promise<readonly AnyFrame[]> {
  const capture = captureFile(inFolder(name), { flow });
  const outcomes = await lastValueFrom(outcomes$.pipe(record(capture), toArray()));
  await capture.close();
  expect(capture).toMatchObject({ frames: outcomes.length, lost: 0 });
  return outcomes;
}

/** The texts of the channel `/outcomes`, as they were written. */
async function outcomesOf(name: string): Promise<readonly string[]> {
  const { messages } = await readMcap(inFolder(name));
  const outcomes = messages.filter(({ channelId }) => channelId === 0);
  return outcomes.sort((a, b) => a.sequence - b.sequence).map(({ data }) => Buffer.from(data).toString());
}

/** Each frame as a text of all that is known of it, in an order that does not depend on times. */
async function framesOf(name: string): Promise<readonly string[]> {
  const { messages, channels } = await readMcap(inFolder(name));
  const channelOf = new Map(channels.map(({ id, metadata }) => [id, [...metadata.values()].join()]));
  return messages
    .filter(({ channelId }) => channelId !== 0)
    .map(({ channelId, sequence, logTime, data }) =>
      [channelOf.get(channelId), sequence, logTime, Buffer.from(data).toString('base64')].join(),
    )
    .sort();
}

it('a replay of a recorded stream with bad frames and reconnections gives the same outcomes, byte for byte', async () => {
  const flow = new Flow();
  const simulator = await startSimulator({
    rate: Infinity,
    badRate: 0.2,
    seed: 5,
    oversizeBytes: MAX_BYTES + 1,
    frames: 400,
    script: [
      { at: 300, connection: 0, drop: true },
      { at: 200, connection: 1, close: 1012 },
    ],
  });
  const { loginUrl, streamUrl, clientId, clientSecret } = simulator;
  const { outcomes$ } = frameStream({
    loginUrl,
    streamUrl,
    clientId,
    clientSecret,
    connection: { flow },
    sizeGate: { maxBytes: MAX_BYTES },
  });
  const seen = await recorded('live.mcap', outcomes$, flow);
  await simulator.close();
  const replayed = await recorded('again.mcap', stages(replay(inFolder('live.mcap'), { pace: Infinity, flow })), flow);

  expect(seen).toHaveLength(900);
  expect(new Set(seen.map(({ connectionId }) => connectionId)).size).toBe(3);
  expect(new Set(seen.filter(isRejected).map(({ reason }) => reason)).size).toBe(6);

  const written = await outcomesOf('live.mcap');
  expect(written).toStrictEqual(seen.map((outcome) => JSON.stringify(auditRecord(outcome))));
  expect(replayed.map((outcome) => JSON.stringify(auditRecord(outcome)))).toStrictEqual(written);
  expect(await outcomesOf('again.mcap')).toStrictEqual(written);
  expect(await framesOf('again.mcap')).toStrictEqual(await framesOf('live.mcap'));
});
