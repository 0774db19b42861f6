/** Takes all frames once. A promise, where there is something to wait for at the end. */
export type Pass = () => void | Promise<void>;

/** Something to measure, and a peer to hold it against. */
export interface Comparison {
  readonly name: string;
  /** How many frames one pass takes. */
  readonly frames: number;
  readonly ours: Pass;
  readonly peer?: Pass;
}

/** Sets up what is measured one after the other in one process. */
export type Contest = () => Promise<readonly Comparison[]>;
