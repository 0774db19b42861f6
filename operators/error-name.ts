/** What kind of thing was thrown: its name, and never its message, which may quote a payload. */
export function errorName(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
