import { UNSAFE } from '../../operators/printable.ts';

/** Text that is safe to show on a terminal, on one line. */
export function terminalText(text: string): string {
  return text.replace(UNSAFE, '\ufffd');
}

/** JSON that is safe to show on a terminal: `JSON.stringify` escapes C0 only. It stands for the same value. */
export function terminalJson(value: unknown): string {
  return JSON.stringify(value).replace(
    UNSAFE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
