import type { Count } from '../protocol.ts';
import { byId } from './by-id.ts';
import { element } from './element.ts';
import { integer } from './format.ts';

/** A line of the list. */
interface Line {
  readonly item: HTMLLIElement;
  readonly bar: HTMLElement;
  readonly count: HTMLElement;
}

/** **Counts by name, the largest first**, each with a bar that shows its share, and a button that asks for it. */
export class CountBars {
  readonly #list: HTMLElement;
  readonly #pick: (name: string) => void;
  readonly #lines = new Map<string, Line>();

  constructor(id: string, none: string, pick: (name: string) => void) {
    this.#list = byId(id);
    this.#pick = pick;
    this.#list.append(element('li', { class: 'empty' }, none));
  }

  show(counts: readonly Count[]): void {
    if (counts.length === 0) return;
    if (this.#lines.size === 0) this.#list.replaceChildren();
    const all = counts.reduce((sum, [, count]) => sum + count, 0);
    for (const [place, [name, count]] of counts.entries()) {
      const line = this.#lines.get(name) ?? this.#newLine(name);
      line.count.textContent = integer(count);
      line.bar.style.inlineSize = `${((count / all) * 100).toFixed(1)}%`;
      if (this.#list.children[place] !== line.item)
        this.#list.insertBefore(line.item, this.#list.children[place] ?? null);
    }
  }

  #newLine(name: string): Line {
    const bar = element('i');
    const count = element('span', { class: 'count' });
    const button = element(
      'button',
      { type: 'button', title: `Filter the frames by ${name}` },
      bar,
      element('span', { class: 'name' }, name),
      count,
    );
    button.addEventListener('click', () => this.#pick(name));
    const line = { item: element('li', {}, button), bar, count };
    this.#lines.set(name, line);
    return line;
  }
}
