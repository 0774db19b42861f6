/**
 * **A hint at what somebody may have meant who typed a word that is not known**, for after it in a message: the closest of those
 * that are, where at most a third of its letters would have to change; else nothing.
 *
 * @param dashes - what is before each of them
 */
export function didYouMean(word: string, known: readonly string[], dashes = ''): string {
  let closest = '';
  let least = Infinity;
  for (const candidate of known) {
    const distance = editDistance(word, candidate);
    if (distance < least && distance <= Math.max(word.length, candidate.length) / 3) {
      closest = candidate;
      least = distance;
    }
  }
  return closest === '' ? '' : ` (did you mean ${dashes}${closest}?)`;
}

/** How many letters have to be put in, left out or changed, or neighbours exchanged, to get from one word to the other. */
function editDistance(from: string, to: string): number {
  let last: number[] = [];
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const cost = from[i - 1] === to[j - 1] ? 0 : 1;
      let distance = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + cost);
      const isExchange = from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      if (isExchange) distance = Math.min(distance, (last[j - 2] ?? Infinity) + 1);
      next.push(distance);
    }
    last = row;
    row = next;
  }
  return row[to.length] ?? 0;
}
