import uPlot from 'uplot';
import type { Second } from '../protocol.ts';
import { byId } from './by-id.ts';
import { element } from './element.ts';
import { wallClock } from './format.ts';
import { colour, onThemeChange } from './theme.ts';

/*!
 * This file holds uPlot, https://github.com/leeoniya/uPlot
 *
 * The MIT License (MIT)
 * Copyright (c) 2025 Leon Sorokin
 *
 * Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation
 * files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy,
 * modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software
 * is furnished to do so, subject to the following conditions:
 *
 * The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.
 *
 * THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES
 * OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE
 * LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR
 * IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
 */

/** How many seconds a plot shows. */
export const SHOWN_SECONDS = 120;

/** A line of a plot. */
export interface PlotLine {
  readonly label: string;
  /** A colour of the style sheet. */
  readonly colour: string;
  readonly isFilled?: boolean;
  readonly dash?: number[];
  /** Its value in a second; null where there is none. */
  readonly value: (second: Second) => number | null;
  readonly format: (value: number) => string;
}

/** What is drawn, and how. */
export interface PlotOptions {
  /** The id of the element that it fills; its readout has `-readout` behind. */
  readonly id: string;
  readonly lines: readonly PlotLine[];
  /** The least and the largest value of the y axis, by the largest value of a line. */
  readonly range: (largest: number, seconds: readonly Second[]) => readonly [least: number, largest: number];
  /** Where the y axis has its marks; uPlot decides where it is left out. */
  readonly splits?: (least: number, largest: number) => number[];
  readonly axisLabel: (value: number) => string;
  /** Draws below the lines. */
  readonly underlay?: (plot: uPlot, seconds: readonly Second[]) => void;
}

/** Where the x axis has its marks, in seconds before the last one. */
const AGO = [90, 60, 30, 0];
const AXIS_FONT = '11px ui-sans-serif, system-ui, sans-serif';

/** **A plot over the last two minutes**, with the values of the last second, or of the one below the pointer, in words. */
export class TimePlot {
  readonly #plot: uPlot;
  readonly #lines: readonly PlotLine[];
  readonly #readout: HTMLElement;
  #seconds: readonly Second[] = [];

  constructor({ id, lines, range, splits, axisLabel, underlay }: PlotOptions) {
    const holder = byId(id);
    this.#lines = lines;
    this.#readout = byId(`${id}-readout`);
    const axis = { font: AXIS_FONT, stroke: () => colour('muted'), ticks: { show: false } };
    const grid = { stroke: () => colour('grid'), width: 1 };
    this.#plot = new uPlot(
      {
        width: holder.clientWidth || 300,
        height: holder.clientHeight || 120,
        padding: [8, 18, 0, 0],
        legend: { show: false },
        cursor: { y: false, drag: { x: false, y: false }, sync: { key: 'time' }, points: { size: 5 } },
        scales: {
          x: { range: (_plot, _from, to) => [to - SHOWN_SECONDS, to] },
          y: { range: (_plot, _from, to) => [...range(to, this.#seconds)] },
        },
        axes: [
          {
            ...axis,
            grid: { show: false },
            size: 22,
            gap: 2,
            // Marks that stay where they are, while the lines move.
            splits: (_plot, _axis, _least, now) => AGO.map((seconds) => now - seconds),
            values: () => AGO.map((seconds) => (seconds === 0 ? 'now' : `−${seconds} s`)),
          },
          {
            ...axis,
            grid,
            size: 52,
            gap: 4,
            space: 26,
            values: (_plot, values) => values.map(axisLabel),
            ...(splits !== undefined && { splits: (_plot, _axis, least, largest) => splits(least, largest) }),
          },
        ],
        series: [
          {},
          ...lines.map((line) => ({
            label: line.label,
            width: 1.5,
            points: { show: false },
            stroke: () => colour(line.colour),
            ...(line.isFilled === true && { fill: () => colour(`${line.colour}-soft`) }),
            ...(line.dash !== undefined && { dash: line.dash }),
          })),
        ],
        hooks: {
          drawClear: [(plot) => underlay?.(plot, this.#seconds)],
          setCursor: [() => this.#tell()],
        },
      },
      [[], ...lines.map(() => [])],
      holder,
    );
    new ResizeObserver(() => {
      this.#plot.setSize({ width: holder.clientWidth, height: holder.clientHeight });
    }).observe(holder);
    onThemeChange(() => {
      this.#plot.redraw(false, true);
      this.#tell();
    });
  }

  /** Shows these seconds. */
  show(seconds: readonly Second[]): void {
    this.#seconds = seconds;
    this.#plot.setData([
      seconds.map(({ time }) => time / 1_000),
      ...this.#lines.map(({ value }) => seconds.map(value)),
    ] as uPlot.AlignedData);
    this.#tell();
  }

  #tell(): void {
    const pointed = this.#plot.cursor.idx;
    const second = (pointed == null ? undefined : this.#seconds[pointed]) ?? this.#seconds.at(-1);
    if (second === undefined) return;
    const values = this.#lines.map(({ label, colour: name, value, format }) => {
      const at = value(second);
      return element('span', { 'data-colour': name }, `${label} `, element('b', {}, at === null ? '–' : format(at)));
    });
    const time = pointed == null ? [] : [element('time', {}, wallClock(new Date(second.time)))];
    this.#readout.replaceChildren(...time, ...values);
  }
}
