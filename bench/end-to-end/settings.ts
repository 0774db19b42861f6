/** What the parent hands to a program of this folder. */
export function settings(): unknown {
  return JSON.parse(process.env['SETTINGS'] ?? '{}');
}
