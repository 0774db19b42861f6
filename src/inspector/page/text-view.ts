import { element } from './element.ts';
import { visibleText } from './visible-text.ts';

/**
 * **A payload as text.**
 *
 * @param marked - the place of a character to be marked
 */
export function textView(text: string, marked?: number): HTMLElement {
  const shown = element('pre', { class: 'text', tabindex: '0', 'aria-label': 'The payload as text' });
  if (marked === undefined) {
    shown.append(visibleText(text));
  } else {
    shown.append(
      visibleText(text.slice(0, marked)),
      // Where the text ends too early, there is nothing to be marked.
      element('mark', {}, visibleText(text.slice(marked, marked + 1)) || '⏎ end'),
      visibleText(text.slice(marked + 1)),
    );
  }
  return shown;
}
