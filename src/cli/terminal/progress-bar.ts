/** How many characters the bar has. */
const WIDTH = 20;

/** **How much of long work is done**: `[##########----------]  50 %`. */
export function progressBar(done: number, total: number): string {
  const share = total === 0 ? 0 : Math.min(1, done / total);
  const filled = Math.floor(share * WIDTH);
  const percent = String(Math.floor(share * 100)).padStart(3);
  return `[${'#'.repeat(filled)}${'-'.repeat(WIDTH - filled)}] ${percent} %`;
}
