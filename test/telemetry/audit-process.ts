import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { bundled } from '../bundled.ts';
import type { PinoAuditSinkOptions } from '../../src/telemetry/pino-audit-sink.ts';

/** What a process with a sink says of it. */
export interface AuditProcessReport {
  readonly lost: number;
  /** The codes of the errors that `onError` was told of. */
  readonly errors: readonly string[];
  readonly lastHash?: string;
}

/**
 * What the process does, with 5,000 records each:
 * - `close`: writes and closes;
 * - `fill`: the same, the file being limited;
 * - `recover`: waits for the failure, has the limit lifted, writes on with more than fits, and closes;
 * - `rotate`: the same, and each time the file is full it is copied and truncated;
 * - `truncate`: has the file truncated, and fills it again;
 * - `killed`: writes until it is killed;
 * - `forgotten`: writes, and leaves the sink as it is.
 */
export type AuditProcessPart = 'close' | 'fill' | 'recover' | 'rotate' | 'truncate' | 'killed' | 'forgotten';

/** Runs a sink in a process of its own, whose files may have at most `limit` KiB, and waits for its end. */
export async function auditProcess(
  destination: string,
  part: AuditProcessPart,
  limit?: number,
  options: Pick<PinoAuditSinkOptions, 'chain' | 'rotate'> = {},
): Promise<AuditProcessReport> {
  const program = await bundled(new URL('./audit-process-main.ts', import.meta.url));
  const limited = limit === undefined ? '' : `ulimit -S -f ${limit};`;
  const child = spawn('bash', ['-c', `${limited} exec "$0" "$@"`, process.execPath, '--input-type=module', '-'], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    env: { ...process.env, AUDIT_DESTINATION: destination, AUDIT_PART: part, AUDIT_OPTIONS: JSON.stringify(options) },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end(program);
  const said = text(child.stdout);
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  if (part === 'killed' ? signal !== 'SIGKILL' : code !== 0) throw new Error(`It ended with ${code ?? signal ?? '?'}.`);
  return part === 'killed' ? { lost: 0, errors: [] } : (JSON.parse(await said) as AuditProcessReport);
}
