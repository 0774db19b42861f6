import type { CallResult } from '../../simulator/index.ts';
import { failureInWords } from './failure-in-words.ts';

/** **What a session met, in a few words**, by which those that met the same are counted together. */
export function outcomeOfCall({ outcome, status, disconnect, failure, errors, closeCode }: CallResult): string {
  const error = errors.at(-1);
  switch (outcome) {
    case 'closed':
      return outcome;
    case 'refused':
      return `refused ${status ?? ''}`.trimEnd();
    case 'disconnected':
      return `disconnected: ${[disconnect?.reason, disconnect?.info].filter((part) => part !== undefined).join(', ')}`;
    case 'cut':
      return `cut (${closeCode ?? 'never open'})`;
    case 'timeout':
    case 'error':
      if (failure !== undefined) return `${outcome}: ${failureInWords(failure)}`;
      return `${outcome}: ${error === undefined ? `closed with ${closeCode ?? 'nothing'}` : `${error.code} ${error.message}`}`;
  }
}
