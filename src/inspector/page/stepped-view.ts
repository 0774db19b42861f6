import { element } from './element.ts';
import { integer } from './format.ts';

/** What is shown a part at a time. */
interface Stepped {
  /** How long it is, and how much of it is shown at once, in `unit`. */
  readonly length: number;
  readonly step: number;
  readonly unit: 'bytes' | 'characters';
  /** The place that is shown first. */
  readonly place?: number | undefined;
  readonly part: (from: number, to: number) => HTMLElement;
}

/** Where a part begins: with a line of a hex dump. */
const LINE = 16;

/** **Shows a long payload a part at a time**: first the one with the place, or the beginning; what is before and behind it is a step away. */
export function steppedView({ length, step, unit, place = 0, part }: Stepped): HTMLElement {
  const view = element('div');
  const before = element('button', { type: 'button' });
  const behind = element('button', { type: 'button' });
  let from = place < step ? 0 : Math.floor((place - step / 2) / LINE) * LINE;
  let to = Math.min(length, from + step);
  const tell = () => {
    before.textContent = `Show more: ${integer(from)} ${unit} are before`;
    before.hidden = from === 0;
    behind.textContent = `Show more: ${integer(length - to)} ${unit} are left`;
    behind.hidden = to === length;
  };
  before.addEventListener('click', () => {
    const start = Math.max(0, from - step);
    before.after(part(start, from));
    from = start;
    tell();
  });
  behind.addEventListener('click', () => {
    const end = Math.min(length, to + step);
    behind.before(part(to, end));
    to = end;
    tell();
  });
  tell();
  view.append(...(from > 0 ? [before] : []), part(from, to), behind);
  return view;
}
