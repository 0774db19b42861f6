import type { Outcomes } from '../outcomes.ts';

/** What a client in a page is to do. */
export interface PageTask {
  readonly url: string;
  readonly maxBytes: number;
  /** Gets the place of each accepted frame. */
  readonly consume: (sequence: number) => void;
}

/** Does the job on a feed in a page; resolves with the outcomes when the server has closed it with 1000. */
export type PageClient = (task: PageTask) => Promise<Outcomes>;
