import { createWriteStream } from 'node:fs';
import { truncate } from 'node:fs/promises';
import { noop, Observable, type OperatorFunction } from 'rxjs';

/** With more bytes waiting than this the disk is given up. */
const MOST_WAITING = 16 * 1024 * 1024;

/**
 * **Writes lines of JSON to a new file, and completes when that is closed.** It is for its owner only (0o600); one that exists
 * is never written to. A write that fails is the error, and the file then has whole lines only. On unsubscription what was taken is written in the
 * background.
 *
 *     in            --a--b--|
 *     writeNdjson   ----------|
 */
export function writeNdjson(path: string): OperatorFunction<string, never> {
  return (source) =>
    new Observable((subscriber) => {
      const file = createWriteStream(path, { flags: 'wx', mode: 0o600 });
      let isOpen = false;
      /** How many bytes are written of lines that are whole. */
      let whole = 0;
      let atEnd = () => subscriber.complete();

      file.on('open', () => (isOpen = true));
      file.on('close', () => atEnd());
      file.on('error', (error) => {
        atEnd = noop;
        // Where it could not be opened, it may be somebody else's.
        const mended = isOpen ? truncate(path, whole).catch(noop) : Promise.resolve();
        void mended.then(() => subscriber.error(error));
      });
      const end = () => {
        if (!file.writableEnded) file.end();
      };
      subscriber.add(end);
      subscriber.add(
        source.subscribe({
          next: (json) => {
            const line = Buffer.from(`${json}\n`);
            if (file.writableLength + line.byteLength > MOST_WAITING) {
              file.destroy(new Error(`${path}: the disk does not keep up`));
            } else if (file.writable) {
              file.write(line, (error) => {
                if (error == null) whole += line.byteLength;
              });
            }
          },
          error: (error: unknown) => {
            atEnd = () => subscriber.error(error);
            end();
          },
          complete: end,
        }),
      );
    });
}
