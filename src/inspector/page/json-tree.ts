import { pointerStep } from '../../../operators/json-pointer.ts';
import { printableJson } from '../../../operators/printable.ts';
import type { Issue } from '../../../operators/frame.ts';
import { element } from './element.ts';

/** How many members are shown at once; the rest is a step away. */
const MEMBERS_SHOWN = 100;
/** How many levels are open at first, the members of which are no more than so many. */
const LEVELS_OPEN = 2;
const MEMBERS_OPEN = 20;
/** How many levels are opened on the way to a wrong place. */
const MOST_STEPS = 100;
/** How many characters of a string are shown. */
const STRING_SHOWN = 2_000;

/** **A JSON value as a tree** that keys move in, its wrong places marked. */
export class JsonTree {
  readonly element = element('ul', { role: 'tree', 'aria-label': 'Payload', class: 'tree' });
  /** Opens a node. */
  readonly #openers = new WeakMap<Element, () => void>();
  /** The step of a JSON Pointer from its parent to a node. */
  readonly #steps = new WeakMap<Element, string>();

  constructor(value: unknown, issues: readonly Issue[]) {
    const root = this.#node(
      undefined,
      value,
      issues.map(({ message, path = '' }) => ({ message, steps: stepsOf(path) })),
      1,
    );
    root.setAttribute('tabindex', '0');
    this.element.append(root);
    this.element.addEventListener('keydown', (event) => this.#key(event));
    this.element.addEventListener('click', ({ target }) => this.#click(target));
  }

  /** Brings the place, or what there is of the way to it, into view. */
  reveal(path: string): void {
    let node = this.element.querySelector('[role="treeitem"]');
    for (const step of stepsOf(path)) {
      if (node === null) return;
      this.#expand(node);
      const next = childrenOf(node).find((child) => this.#steps.get(child) === step);
      if (next === undefined) break;
      node = next;
    }
    this.#focus(node);
  }

  /**
   * @param name - undefined of the root
   * @param places - those at the node and below it
   */
  #node(name: HTMLElement | undefined, value: unknown, places: readonly WrongPlace[], level: number): HTMLLIElement {
    const wrong = name === undefined ? [] : places.filter(({ steps }) => steps.length === level - 1);
    const below = places.filter(({ steps }) => steps.length >= level);
    const size = sizeOf(value);
    const line = element(
      'span',
      { class: 'line' },
      ...(name === undefined ? [] : [name, ': ']),
      size === undefined ? leaf(value) : element('span', { class: 'summary' }, summaryOf(value, size)),
      ...wrong.map(({ message }) => element('em', { class: 'why' }, message)),
    );
    const node = element(
      'li',
      {
        role: 'treeitem',
        tabindex: '-1',
        'aria-level': String(level),
        class: wrong.length > 0 ? 'is-wrong' : undefined,
      },
      line,
    );
    if (size === undefined || size === 0) return node;

    node.setAttribute('aria-expanded', 'false');
    this.#openers.set(node, () => {
      if (node.querySelector(':scope > ul') !== null) return;
      const members = Object.entries(value as object);
      const items = this.#items({ members, areIndexed: Array.isArray(value), places: below, level }, 0, size);
      node.append(element('ul', { role: 'group' }, ...items));
    });
    if (level === 1 || (level <= LEVELS_OPEN && size <= MEMBERS_OPEN) || below.length > 0) this.#expand(node);
    return node;
  }

  /** The members of that range that are shown at once, and those on the way to a wrong place; the others are a step away. */
  #items(parent: Parent, from: number, to: number): readonly Element[] {
    const { members, areIndexed, places, level } = parent;
    const wanted = new Set(places.map(({ steps }) => steps[level - 1]));
    const items: Element[] = [];
    let next = from;
    for (let index = from; index < to; index += 1) {
      const [name, value] = members[index] as Member;
      const isAtOnce = index < from + MEMBERS_SHOWN;
      if (!isAtOnce && wanted.size === 0) break;
      const step = stepOf(name);
      if (!isAtOnce && !wanted.has(step)) continue;
      if (index > next) items.push(this.#more(parent, next, index));
      const shown = element('span', { class: areIndexed ? 'index' : 'key' }, areIndexed ? name : jsonText(name));
      const here = places.filter(({ steps }) => steps[level - 1] === step);
      const item = this.#node(shown, value, here, level + 1);
      this.#steps.set(item, step);
      items.push(item);
      next = index + 1;
    }
    if (next < to) items.push(this.#more(parent, next, to));
    return items;
  }

  /** Stands for members that are not shown yet. */
  #more(parent: Parent, from: number, to: number): Element {
    const more = element(
      'li',
      { role: 'treeitem', tabindex: '-1', class: 'more', 'aria-level': String(parent.level + 1) },
      element('span', { class: 'line' }, `${to - from} more`),
    );
    this.#openers.set(more, () => {
      const items = this.#items(parent, from, to);
      more.replaceWith(...items);
      this.#focus(items[0]);
    });
    return more;
  }

  #expand(node: Element): void {
    this.#openers.get(node)?.();
    if (node.hasAttribute('aria-expanded')) node.setAttribute('aria-expanded', 'true');
  }

  #click(target: EventTarget | null): void {
    const node = target instanceof Element ? target.closest('[role="treeitem"]') : null;
    if (node === null) return;
    this.#focus(node);
    if (node.getAttribute('aria-expanded') === 'true') node.setAttribute('aria-expanded', 'false');
    else this.#expand(node);
  }

  #key(event: KeyboardEvent): void {
    const node = document.activeElement?.closest('[role="treeitem"]');
    if (node == null) return;
    const visible = [...this.element.querySelectorAll('[role="treeitem"]')].filter(
      (item) => item.parentElement?.closest('[aria-expanded="false"]') === null,
    );
    const at = visible.indexOf(node);
    const isOpen = node.getAttribute('aria-expanded') === 'true';
    const isClosed = node.getAttribute('aria-expanded') === 'false';
    switch (event.key) {
      case 'ArrowDown':
        this.#focus(visible[at + 1]);
        break;
      case 'ArrowUp':
        this.#focus(visible[at - 1]);
        break;
      case 'Home':
        this.#focus(visible[0]);
        break;
      case 'End':
        this.#focus(visible.at(-1));
        break;
      case 'ArrowRight':
        if (isOpen) this.#focus(childrenOf(node)[0]);
        else this.#expand(node);
        break;
      case 'ArrowLeft':
        if (isOpen) node.setAttribute('aria-expanded', 'false');
        else this.#focus(node.parentElement?.closest('[role="treeitem"]'));
        break;
      case 'Enter':
      case ' ':
        if (isOpen) node.setAttribute('aria-expanded', 'false');
        else if (isClosed || node.classList.contains('more')) this.#expand(node);
        break;
      default:
        return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  #focus(node: Element | null | undefined): void {
    if (!(node instanceof HTMLElement)) return;
    for (const other of this.element.querySelectorAll('[tabindex="0"]')) other.setAttribute('tabindex', '-1');
    node.setAttribute('tabindex', '0');
    node.focus({ preventScroll: true });
    node.querySelector('.line')?.scrollIntoView({ block: 'nearest' });
  }
}

type Member = readonly [name: string, value: unknown];

/** Where something is wrong: the steps of its JSON Pointer. */
interface WrongPlace {
  readonly steps: readonly string[];
  readonly message: string;
}

/** A node that is open. */
interface Parent {
  readonly members: readonly Member[];
  readonly areIndexed: boolean;
  readonly places: readonly WrongPlace[];
  readonly level: number;
}

/** The steps of a JSON Pointer, as far as the tree goes by itself. */
function stepsOf(path: string): readonly string[] {
  return path.split('/').slice(1, 1 + MOST_STEPS);
}

/** A name as it is in a JSON Pointer. */
function stepOf(name: string): string {
  return pointerStep(name).slice(1);
}

/** How many members it has; undefined where it is a scalar. */
function sizeOf(value: unknown): number | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  return Array.isArray(value) ? value.length : Object.keys(value).length;
}

function childrenOf(node: Element): readonly Element[] {
  return [...node.querySelectorAll(':scope > ul > [role="treeitem"]')];
}

function summaryOf(value: unknown, members: number): string {
  return Array.isArray(value) ? `[ ${members} ]` : `{ ${members} }`;
}

function leaf(value: unknown): HTMLElement {
  const kind = value === null ? 'null' : typeof value;
  return element('span', { class: `value ${kind}` }, jsonText(value));
}

/** What can't be seen is written as an escape, and what is long is cut. */
function jsonText(value: unknown): string {
  const isLong = typeof value === 'string' && value.length > STRING_SHOWN;
  return printableJson(JSON.stringify(isLong ? `${value.slice(0, STRING_SHOWN)}…` : value));
}
