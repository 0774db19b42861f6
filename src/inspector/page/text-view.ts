import { element } from './element.ts';
import { steppedView } from './stepped-view.ts';
import { visibleText } from './visible-text.ts';

/** How many characters are shown at once. */
const STEP = 32 * 1024;

/**
 * **A payload as text.**
 *
 * @param marked - the place of a character to be marked
 */
export function textView(text: string, marked?: number): HTMLElement {
  const part = (from: number, to: number) => {
    const shown = element('pre', { tabindex: '0', 'aria-label': 'The payload as text' });
    if (marked !== undefined && marked >= from && marked <= to) {
      shown.append(
        visibleText(text.slice(from, marked)),
        // Where the text ends too early, there is nothing to be marked.
        element('mark', {}, visibleText(text.slice(marked, marked + 1)) || '⏎ end'),
        visibleText(text.slice(marked + 1, to)),
      );
    } else {
      shown.append(visibleText(text.slice(from, to)));
    }
    return shown;
  };
  const view = steppedView({ length: text.length, step: STEP, unit: 'characters', place: marked, part });
  view.className = 'text';
  return view;
}
