import { printableJson, UNSAFE } from '../../../operators/printable.ts';

/** Text that is safe to show on a terminal, on one line. */
export function terminalText(text: string): string {
  return text.replace(UNSAFE, '\ufffd');
}

/** Text of several lines that is safe to show on a terminal. */
export function terminalLines(text: string): string {
  return text.split('\n').map(terminalText).join('\n');
}

/** JSON that is safe to show on a terminal. It stands for the same value. */
export function terminalJson(value: unknown): string {
  return printableJson(JSON.stringify(value));
}
