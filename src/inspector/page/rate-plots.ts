import type { Second } from '../protocol.ts';
import { axisLabel, bytes, rate } from './format.ts';
import { TimePlot, type PlotOptions } from './time-plot.ts';

/** From zero to a little above the largest value, so that an idle stream has a plot, too. */
const range: PlotOptions['range'] = (largest) => [0, Math.max(largest * 1.15, 1)];

/** **How many frames, and how many bytes, came in each second.** */
export function ratePlots(): readonly TimePlot[] {
  const perSecond = (count: (second: Second) => number) => (second: Second) => count(second) / second.length;
  return [
    new TimePlot({
      id: 'frames-rate',
      range,
      axisLabel: (value) => rate(value),
      lines: [
        {
          label: 'in',
          colour: 'accent',
          isFilled: true,
          value: perSecond(({ frames }) => frames),
          format: (value) => `${rate(value)}/s`,
        },
        {
          label: 'rejected',
          colour: 'bad',
          value: perSecond(({ rejected }) => rejected),
          format: (value) => `${rate(value)}/s`,
        },
      ],
    }),
    new TimePlot({
      id: 'bytes-rate',
      range,
      axisLabel: (value) => axisLabel(bytes(value)),
      lines: [
        {
          label: 'in',
          colour: 'accent',
          isFilled: true,
          value: perSecond((second) => second.bytes),
          format: (value) => `${bytes(value)}/s`,
        },
      ],
    }),
  ];
}
