import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { bundled } from '../bundled.ts';

/** No process takes longer, in milliseconds: what does is killed. */
const LIMIT = 300_000;

/**
 * **Runs a program of this folder in a process of its own**, so that what the compiler has learnt there is its own, and waits for
 * what it tells. It finds its settings as JSON behind its name.
 */
export async function freshProcess(main: string, settings: object, flags: readonly string[] = []): Promise<unknown> {
  const program = await bundled(`in-process/${main}`);
  const child = spawn(process.execPath, [...flags, '--input-type=module', '-', JSON.stringify(settings)], {
    stdio: ['pipe', 'inherit', 'inherit', 'ipc'],
    timeout: LIMIT,
  });
  let told: unknown;
  child.on('message', (message) => (told = message));
  child.stdin?.end(program);
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  if (code !== 0) throw new Error(`${main} ${JSON.stringify(settings)} ended with ${code ?? signal ?? '?'}.`);
  return told;
}
