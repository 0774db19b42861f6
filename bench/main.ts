import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { Benchmark } from './benchmark.ts';
import { benchmarks, slow } from './benchmarks.ts';
import { overLimits } from './limits.ts';
import { machine } from './machine.ts';
import type { Row } from './row.ts';
import { table } from './table.ts';

const HELP = `npm run bench -- [options]

  --quick        less of everything, for a look: under a minute, without ${slow.join(', ')}
  --only NAME    this benchmark only; may be given again
  --check        fails where the six stages cost more than they may, in time or in memory
  --json FILE    writes the figures and the machine to a file, too
  --help         this text

Benchmarks: ${Object.keys(benchmarks).join(', ')}

A ratio is ours divided by the peer's, both measured in turn on the same frames: for times and bytes, less than 1 is better.
The spread is the smallest and the largest ratio of all processes, or of all pairs in the one process.`;

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
    check: { type: 'boolean', default: false },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const standard = Object.keys(benchmarks).filter((name) => !(values.quick && slow.includes(name)));
const names = values.only.length > 0 ? values.only : standard;
const unknown = names.filter((name) => !Object.hasOwn(benchmarks, name));
if (values.help) {
  console.log(HELP);
} else if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(', ')}.\n\n${HELP}`);
  process.exitCode = 2;
} else {
  await run();
}

async function run(): Promise<void> {
  const facts = machine();
  console.log(`${facts.processor}, ${facts.cores} cores, ${facts.system}, Node ${facts.node}\n`);
  const results: Record<string, readonly Row[]> = {};
  for (const name of names) {
    const rows = await (benchmarks[name] as Benchmark)({ quick: values.quick, check: values.check });
    results[name] = rows;
    console.log(`${name}\n${table(rows, process.stdout.isTTY && !process.env['NO_COLOR'])}\n`);
  }
  if (values.check) {
    const over = overLimits(Object.values(results).flat());
    console.log(over.length === 0 ? 'All ratios are within their limits.' : over.join('\n'));
    process.exitCode = over.length === 0 ? 0 : 1;
  }
  if (values.json !== undefined) {
    await writeFile(values.json, `${JSON.stringify({ machine: facts, quick: values.quick, results }, null, 2)}\n`);
  }
}
