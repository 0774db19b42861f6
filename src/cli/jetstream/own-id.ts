import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';

/** **What this process is called among those of its group**, where nobody has said it: by its machine, and unlike any other. */
export function ownId(): string {
  const machine = hostname()
    .replace(/[^\w-]+/g, '-')
    .slice(0, 60);
  return `${machine}-${randomBytes(4).toString('hex')}`;
}
