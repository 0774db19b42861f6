import { spawn } from 'node:child_process';
import { on, once } from 'node:events';
import { bundled } from '../bundled.ts';

/** A program of this folder in a process of its own, and what it tells. */
export interface Child<Message> {
  /** The next message; rejects where the process ends without one. */
  next(): Promise<Message>;
  /** Sends it something. */
  tell(message: string): void;
  /** Tells it to end, which it does when the channel closes, and waits for that. */
  stop(): Promise<void>;
}

/**
 * **Starts a program of this folder in a process of its own**, so that its compiled code and its garbage are its own. It
 * finds its `settings` as JSON in the environment, and is killed after `limit` milliseconds.
 */
export async function startChild<Message>(main: string, settings: object, limit: number): Promise<Child<Message>> {
  const program = await bundled(`end-to-end/${main}`);
  const child = spawn(process.execPath, ['--expose-gc', '--input-type=module', '-'], {
    env: { ...process.env, SETTINGS: JSON.stringify(settings) },
    stdio: ['pipe', 'inherit', 'inherit', 'ipc'],
    serialization: 'advanced',
  });
  const deadline = setTimeout(() => child.kill('SIGKILL'), limit);
  const messages = on(child, 'message', { close: ['close'] })[Symbol.asyncIterator]();
  // Not 'close', which does not come where it is we who disconnect.
  const ended = once(child, 'exit').finally(() => clearTimeout(deadline));
  child.stdin?.end(program);
  return {
    async next() {
      const { done, value } = (await messages.next()) as IteratorResult<[Message], undefined>;
      if (done === true) throw new Error(`${main} ended before it had told what it was asked for.`);
      return value[0];
    },
    tell: (message) => child.send(message),
    async stop() {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}
