import type { AuditRotateOptions } from '../../telemetry/file-rotation.ts';
import { countFlag, type FlagValues } from './flags.ts';
import { UsageError } from './usage-error.ts';

/** The flags of the audit log. */
export const AUDIT_FLAGS = {
  'audit-file': { type: 'string' },
  'audit-chain': { type: 'boolean' },
  'audit-rotate-bytes': { type: 'string' },
  'audit-rotate-seconds': { type: 'string' },
  'audit-rotate-files': { type: 'string' },
} as const;

/** Their part of a help text. */
export const AUDIT_HELP = `  --audit-file FILE      append one audit record for each outcome
  --audit-chain          link each record to the one before by its hash: rxframe audit verify finds what was changed
  --audit-rotate-bytes N
                         begin another file before one grows beyond N bytes; FILE is always the one that is written
  --audit-rotate-seconds N
                         begin another file at each full N seconds: 3600 is the full hour, 86400 midnight UTC
  --audit-rotate-files N
                         keep N finished files, and delete older ones`;

/** What is wished of the audit log. */
export interface AuditWishes {
  readonly file: string;
  readonly chain: boolean;
  readonly rotate: AuditRotateOptions | undefined;
}

/**
 * What is wished of the audit log, by the flags; undefined without `--audit-file`.
 *
 * @throws UsageError where a flag is not usable
 */
export function auditWishes(flags: FlagValues<typeof AUDIT_FLAGS>): AuditWishes | undefined {
  const file = flags['audit-file'];
  const bytes = countFlag('--audit-rotate-bytes', flags['audit-rotate-bytes']);
  const seconds = countFlag('--audit-rotate-seconds', flags['audit-rotate-seconds']);
  const files = countFlag('--audit-rotate-files', flags['audit-rotate-files']);
  if (file === undefined) {
    const lonely = (['audit-chain', 'audit-rotate-bytes', 'audit-rotate-seconds', 'audit-rotate-files'] as const).find(
      (name) => flags[name] !== undefined,
    );
    if (lonely !== undefined) throw new UsageError(`--${lonely} goes with --audit-file`);
    return undefined;
  }
  const isRotated = bytes !== undefined || seconds !== undefined;
  if (files !== undefined && !isRotated) {
    throw new UsageError('--audit-rotate-files goes with --audit-rotate-bytes or --audit-rotate-seconds');
  }
  return {
    file,
    chain: flags['audit-chain'] === true,
    rotate: isRotated
      ? {
          ...(bytes !== undefined && { bytes }),
          ...(seconds !== undefined && { seconds }),
          ...(files !== undefined && { files }),
        }
      : undefined,
  };
}
