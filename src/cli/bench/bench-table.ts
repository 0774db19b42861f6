import type { BenchResult } from './bench-pipeline.ts';
import { terminalText } from '../terminal/terminal-text.ts';

/** With fewer rounds the median of a stage may lie outside its quartiles, and its share below 0. */
const FEWEST_ROUNDS = 20;

/** **What a bench found, for people**: a table of the stages, and a line for each other figure. */
export function benchTable(result: BenchResult): string {
  const { corpus, stages, accepted, rejected, rejectedByReason } = result;
  const reasons = Object.entries(rejectedByReason).map(([reason, count]) => `${reason} ${count}`);
  const rows = [
    ['stage', 'ns a frame', 'quartiles', 'share'],
    ...stages.map(({ stage, nanoseconds, quartiles, share }) => [
      stage,
      whole(nanoseconds),
      quartiles.map(whole).join(' to '),
      percent(share),
    ]),
    ['all', whole(result.nanosecondsPerFrame), '', percent(1)],
  ];
  return [
    `rxframe ${result.version}, Node ${result.node}, ${result.platform}, ${terminalText(result.cpu)}`,
    `${whole(corpus.frames)} frames of ${sourceOf(corpus)}, ${result.rounds} rounds, no audit`,
    ...(result.rounds < FEWEST_ROUNDS
      ? [`too few rounds to tell what a stage costs (${result.rounds}): measure longer, with --seconds`]
      : []),
    '',
    ...rows.map((row) => row.map(inColumn).join('').trimEnd()),
    '',
    `${whole(result.framesPerSecond)} frames a second, ${whole(result.megabytesPerSecond)} MB a second`,
    `${whole(result.allocatedBytesPerFrame)} bytes allocated a frame, ${percent(result.gcShare)} of the time in garbage collection`,
    `${corpus.frames} in = ${accepted} accepted + ${rejected} rejected${reasons.length === 0 ? '' : ` (${reasons.join(', ')})`}`,
  ].join('\n');
}

function sourceOf(corpus: BenchResult['corpus']): string {
  return 'capture' in corpus ? terminalText(corpus.capture) : `the simulator (seed ${corpus.seed})`;
}

const WIDTHS = [-12, 10, 22, 8];

function inColumn(text: string, column: number): string {
  const width = WIDTHS[column] as number;
  return width < 0 ? text.padEnd(-width) : text.padStart(width);
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
