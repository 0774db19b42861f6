/** From nothing to the most, in eighths of a line (Unicode's block elements). */
const BLOCKS = '▁▂▃▄▅▆▇█';

/**
 * **Figures as a row of small bars**, on a scale from 0 to the largest. 0 is the lowest bar, and nothing else is.
 *
 *     0 1 2 4 8    ▁▂▃▅█
 */
export function sparkline(figures: readonly number[]): string {
  const most = Math.max(...figures);
  const highest = BLOCKS.length - 1;
  return figures.map((figure) => BLOCKS[figure > 0 ? Math.ceil((figure / most) * highest) : 0]).join('');
}

/**
 * **Whether a terminal shows such bars**, as far as the environment tells: its locale is in UTF-8, or it is that of Windows; and it
 * is not the console of Linux, whose font lacks most of them.
 */
export function showsSparklines(env: NodeJS.ProcessEnv): boolean {
  if (env['TERM'] === 'linux') return false;
  return env['WT_SESSION'] !== undefined || /utf-?8/i.test(env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '');
}
