/** **Whether a stream is a terminal on which a line can be written over.** */
export function isLiveTerminal({ isTTY }: { readonly isTTY?: boolean }): boolean {
  return isTTY === true && process.env['TERM'] !== 'dumb';
}
