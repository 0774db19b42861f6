/** One line of the table. */
export interface Row {
  readonly name: string;
  readonly ours: number;
  readonly peer?: number;
  /** Ours divided by the peer's: the median of the repeats. */
  readonly ratio?: number;
  /** The smallest and the largest ratio of a repeat. */
  readonly spread?: readonly [least: number, most: number];
  readonly unit: string;
}
