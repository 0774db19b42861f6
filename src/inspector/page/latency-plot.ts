import type uPlot from 'uplot';
import type { Second } from '../protocol.ts';
import { axisLabel, duration } from './format.ts';
import { colour } from './theme.ts';
import { TimePlot } from './time-plot.ts';

/** The least height of the y axis, in doublings. */
const LEAST_DOUBLINGS = 8;
/** log₂ of 10: how many doublings a power of ten is. */
const DECADE = Math.log2(10);

/**
 * **How long frames took, second by second**: the darker a cell, the more of the second's frames are in that bucket. Above it the
 * median, the 99th percentile and the largest one, as good as buckets that double allow: the last is the end of its bucket.
 *
 * The y axis is log₂ of microseconds, so that each bucket is 1 high, the first one ends at 0, and so on.
 */
export function latencyPlot(): TimePlot {
  return new TimePlot({
    id: 'latency',
    range: (_largest, seconds) => rangeOf(seconds),
    splits: (least, largest) => {
      const first = Math.ceil(least / DECADE);
      const count = Math.floor(largest / DECADE) - first + 1;
      return Array.from({ length: count }, (_, index) => (first + index) * DECADE);
    },
    axisLabel: (value) => axisLabel(duration(Math.round(2 ** value) / 1_000)),
    underlay: drawCells,
    lines: [
      { label: 'p50', colour: 'accent', value: quantile(0.5), format },
      { label: 'p99', colour: 'warn', value: quantile(0.99), format },
      { label: 'max', colour: 'muted', dash: [2, 3], value: quantile(1), format },
    ],
  });
}

const format = (doublings: number) => duration(2 ** doublings / 1_000);

/** The buckets that are used, with some room. */
function rangeOf(seconds: readonly Second[]): readonly [number, number] {
  const used = seconds.flatMap(({ latencies }) => latencies.flatMap((count, bucket) => (count > 0 ? [bucket] : [])));
  if (used.length === 0) return [0, LEAST_DOUBLINGS];
  const least = Math.min(...used) - 1;
  const largest = Math.max(...used);
  return [least - 0.5, Math.max(largest + 0.5, least + LEAST_DOUBLINGS)];
}

/** A quantile's log₂ of microseconds, as if the latencies lay evenly in their bucket. */
function quantile(share: number): (second: Second) => number | null {
  return ({ frames, latencies }) => {
    if (frames === 0) return null;
    const wanted = share * frames;
    let below = 0;
    for (const [bucket, count] of latencies.entries()) {
      if (count > 0 && below + count >= wanted) return bucket - 1 + (wanted - below) / count;
      below += count;
    }
    return null;
  };
}

function drawCells(plot: uPlot, seconds: readonly Second[]): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.fillStyle = colour('accent');
  for (const { time, length, frames, latencies } of seconds) {
    const left = Math.round(plot.valToPos(time / 1_000 - length, 'x', true));
    const right = Math.round(plot.valToPos(time / 1_000, 'x', true));
    for (const [bucket, count] of latencies.entries()) {
      if (count === 0) continue;
      const top = Math.round(plot.valToPos(bucket, 'y', true));
      const bottom = Math.round(plot.valToPos(bucket - 1, 'y', true));
      ctx.globalAlpha = 0.08 + 0.5 * Math.sqrt(count / frames);
      ctx.fillRect(left, top, right - left, bottom - top);
    }
  }
  ctx.restore();
}
