/** How long a command that is done has for its last words, in milliseconds. */
const LAST_WORDS = 500;

/**
 * **Lets the process of a command that is done end**, with its exit code, whatever is left open: a server that takes the connection and says
 * nothing leaves the client of NATS with a socket that it does not close.
 */
export function endWithoutRest(): void {
  setTimeout(() => process.exit(), LAST_WORDS).unref();
}
