/** What {@link hasColours} needs of a stream: a `tty.WriteStream` has it. */
export interface ColourStream {
  readonly isTTY?: boolean;
  hasColors?(env: object): boolean;
}

/**
 * **Whether a stream is to get colours**: it is a terminal that has them, and the variable NO_COLOR is not set, or empty
 * (no-color.org). Node looks for itself at FORCE_COLOR and TERM, and takes an empty NO_COLOR for a set one.
 */
export function hasColours(stream: ColourStream, env: NodeJS.ProcessEnv = process.env): boolean {
  const { NO_COLOR: noColour = '', ...others } = env;
  return noColour === '' && stream.isTTY === true && stream.hasColors?.(others) === true;
}
