import { UNSAFE } from '../../../operators/printable.ts';

/**
 * Text of a payload as it is read: what is invisible, or turns the order of what is around it, is written as an escape. Line breaks
 * and tabs stay.
 */
export function visibleText(text: string): string {
  return text.replace(UNSAFE, (character) =>
    character === '\n' || character === '\t' ? character : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
