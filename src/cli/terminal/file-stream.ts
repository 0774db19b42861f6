import { writeSync } from 'node:fs';
import { Writable } from 'node:stream';

/**
 * **Writes to a file, whole or with an error.** `process.stdout`, where it is a file, takes a write that a full disk has cut
 * short for a whole one (Node 20): once there is room again, the next line would follow in the middle of this one.
 */
export function fileStream(fd: number): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      try {
        let written = 0;
        while (written < chunk.length) written += writeSync(fd, chunk, written);
        done();
      } catch (error) {
        done(error as Error);
      }
    },
  });
}
