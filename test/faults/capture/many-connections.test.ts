import { expect, it } from 'vitest';
import { captureFile } from '../../../src/capture/capture-file.ts';
import { frames } from '../../../src/testing/frames.ts';
import { inFolder } from '../../capture/capture-folder.ts';
import { readMcap } from '../../capture/mcap.ts';

it('a capture goes on in a new file where one has as many connections as MCAP can count', async () => {
  const capture = captureFile(inFolder('a.mcap'), { maxBufferedBytes: 2 ** 30 });
  for (let connection = 0; connection < 65_537; connection += 1) {
    capture.write(frames.raw('1', { connectionId: `c${connection}`, sequence: 0, timestamp: 1 }));
  }
  await capture.close();
  expect(capture).toMatchObject({ frames: 65_537, lost: 0 });
  expect(capture.files).toHaveLength(2);
  expect((await readMcap(capture.files[0]!)).statistics?.channelCount).toBe(65_536);
  expect((await readMcap(capture.files[1]!)).texts('/frames/text')).toStrictEqual(['1', '1']);
});
