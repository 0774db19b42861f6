import fc from 'fast-check';
import { concatMap, from, lastValueFrom, queueScheduler, take, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { accepted } from '../../../operators/accepted.ts';
import { chunked } from '../../../operators/chunked.ts';
import { fuzz } from './fuzz.ts';
import { Message } from './message.ts';

const given = fc.record({
  payloads: fc.array(
    fc.tuple(fc.nat(5_000), fc.nat(255)).map(([length, first]) => Uint8Array.from({ length }, (_, at) => first + at)),
    { maxLength: 4 },
  ),
  chunkBytes: fc.oneof(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 6_000 })),
});

describe('chunked', () => {
  it('gives each payload in chunks that together are the payload, each a full one but the last', async () => {
    await fuzz(given, ({ payloads, chunkBytes }) => {
      const frames = payloads.map((bytes, sequence) => new Message(bytes, true).frame(sequence));
      const chunks: Uint8Array[] = [];
      from(frames)
        .pipe(
          chunked({ chunkBytes, scheduler: queueScheduler }),
          accepted(),
          concatMap(({ chunks$ }) => chunks$),
        )
        .subscribe((chunk) => chunks.push(chunk));

      expect(Buffer.concat(chunks).equals(Buffer.concat(payloads))).toBe(true);
      expect(chunks.map(({ length }) => length)).toStrictEqual(
        payloads.flatMap(({ length }) =>
          Array.from({ length: Math.ceil(length / chunkBytes) }, (_, nth) =>
            Math.min(chunkBytes, length - nth * chunkBytes),
          ),
        ),
      );
      for (const chunk of chunks)
        expect(
          payloads.some(({ buffer }) => buffer === chunk.buffer),
          'a view',
        ).toBe(true);
    });
  });

  it('gives just the chunks that were asked for, to each subscriber from the start', async () => {
    await fuzz(fc.tuple(given, fc.nat(20)), async ([{ payloads, chunkBytes }, count]) => {
      const frames = payloads.map((bytes) => new Message(bytes, true).frame());
      const chunked$ = from(frames).pipe(chunked({ chunkBytes, scheduler: queueScheduler }), accepted());
      for (const { frame, chunks$ } of await lastValueFrom(chunked$.pipe(toArray()))) {
        const expected = frame.rawData.subarray(0, count * chunkBytes);
        for (const subscriber of ['first', 'second']) {
          const chunks = await lastValueFrom(chunks$.pipe(take(count), toArray()));
          expect(Buffer.concat(chunks).equals(expected), subscriber).toBe(true);
        }
      }
    });
  });
});
