/** **The pattern for a documented output**: `…` stands for any text within a line; spaces at the end of a line do not matter. */
export function outputPattern(documented: string): RegExp {
  const lines = trimmed(documented)
    .split('\n')
    .map((line) => line.split('…').map(escape).join('.*'));
  return new RegExp(`^${lines.join('\n')}$`);
}

/** A text without spaces at the ends of its lines, and without empty lines at its end. */
export function trimmed(text: string): string {
  return text.replaceAll(/[ \t]+$/gm, '').trimEnd();
}

function escape(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
