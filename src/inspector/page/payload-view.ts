import type { FrameFacts } from '../protocol.ts';
import { element } from './element.ts';
import { integer } from './format.ts';
import { hexDump } from './hex-dump.ts';
import { JsonTree } from './json-tree.ts';
import { textView } from './text-view.ts';

/** A way to look at a payload. */
interface View {
  readonly name: string;
  readonly make: () => HTMLElement;
}

/** A payload, and what brings a place in it into view. */
export interface PayloadView {
  readonly element: HTMLElement;
  /** Undefined where the payload has no places that a JSON Pointer names. */
  readonly reveal?: (path: string) => void;
}

/**
 * **A payload, as a tree where it is JSON, as text where it is text, else in hexadecimal**; the other ways are a tab away. One of which
 * the rest was not kept is no tree.
 */
export function payloadView(bytes: Uint8Array, { isBinary, issues, byteLength }: FrameFacts): PayloadView {
  const isCut = bytes.length < byteLength;
  const text = textOf(bytes, isCut);
  // Without its byte order mark, as `decode` reads it.
  const json = text === undefined || text === '' || isCut ? undefined : parsed(text.replace(/^\ufeff/, ''));
  const tree = json === undefined ? undefined : new JsonTree(json.value, issues);
  const hex: View = {
    name: 'Hex',
    make: () => hexDump(bytes, text === undefined && !isBinary ? firstInvalid(bytes) : undefined),
  };
  const place = placeIn(issues);
  const isPlaceKept = place !== undefined && !(isCut && place >= (text?.length ?? 0));
  const asText: View[] =
    text === undefined ? [] : [{ name: 'Text', make: () => textView(text, isPlaceKept ? place : undefined) }];
  const asTree: View[] = tree === undefined ? [] : [{ name: 'Tree', make: () => tree.element }];
  const views = isBinary && tree === undefined ? [hex, ...asText] : [...asTree, ...asText, hex];
  const note = isCut
    ? [element('p', { class: 'cut' }, `the first ${bytes.length / 1_024} KiB of ${integer(byteLength)} bytes`)]
    : [];
  const tabs = tabbed(views, note);
  return {
    element: tabs.element,
    ...(tree !== undefined && {
      reveal: (path) => {
        tabs.show('Tree');
        tree.reveal(path);
      },
    }),
  };
}

function tabbed(
  views: readonly View[],
  note: readonly HTMLElement[],
): { readonly element: HTMLElement; show(name: string): void } {
  const panel = element('div', { role: 'tabpanel', class: 'scroll payload' });
  const tabs = views.map(({ name }) => element('button', { type: 'button', role: 'tab' }, name));
  const made = new Map<number, HTMLElement>();
  const show = (chosen: number) => {
    const view = views[chosen];
    if (view === undefined) return;
    for (const [index, tab] of tabs.entries()) {
      tab.setAttribute('aria-selected', String(index === chosen));
      tab.setAttribute('tabindex', index === chosen ? '0' : '-1');
    }
    const content = made.get(chosen) ?? view.make();
    made.set(chosen, content);
    panel.replaceChildren(content);
    panel.setAttribute('aria-label', view.name);
    content.querySelector('mark')?.scrollIntoView({ block: 'center' });
  };
  const list = element('div', { role: 'tablist', 'aria-label': 'Payload', class: 'tabs' }, ...tabs);
  for (const [index, tab] of tabs.entries()) tab.addEventListener('click', () => show(index));
  list.addEventListener('keydown', ({ key }) => {
    const step = key === 'ArrowRight' ? 1 : key === 'ArrowLeft' ? -1 : 0;
    if (step === 0) return;
    const now = tabs.findIndex((tab) => tab.getAttribute('aria-selected') === 'true');
    const next = (now + step + tabs.length) % tabs.length;
    show(next);
    tabs[next]?.focus();
  });
  show(0);
  return {
    element: element('div', { class: 'views' }, element('div', { class: 'views-head' }, list, ...note), panel),
    show: (name) => show(views.findIndex((view) => view.name === name)),
  };
}

/** Undefined where the bytes are not UTF-8; where they are cut, they may end within a character. */
function textOf(bytes: Uint8Array, isCut: boolean): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes, { stream: isCut });
  } catch {
    return undefined;
  }
}

function parsed(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

/** The place in the text that `decode` names, where it names one. */
function placeIn(issues: FrameFacts['issues']): number | undefined {
  const place = issues.map(({ message }) => /^not valid JSON at character (\d+)/.exec(message)?.[1]).find(Boolean);
  return place === undefined ? undefined : Number(place);
}

/** The place of the first byte that can't be there in UTF-8. */
function firstInvalid(bytes: Uint8Array): number {
  let valid = 0;
  let invalid = bytes.length;
  while (valid < invalid) {
    const middle = Math.ceil((valid + invalid) / 2);
    if (textOf(bytes.subarray(0, middle), true) !== undefined) valid = middle;
    else invalid = middle - 1;
  }
  return Math.min(valid, bytes.length - 1);
}
