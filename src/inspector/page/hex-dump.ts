import { element } from './element.ts';

/** How many bytes a line has. */
const LINE = 16;
/** How many digits an offset has: there are no more than 128 KiB. */
const OFFSET_DIGITS = 5;
/** Where the first byte of a line is. */
const FIRST_COLUMN = OFFSET_DIGITS + 2;

/**
 * **Bytes in hexadecimal**: their offset, sixteen of them, and what they are in ASCII.
 *
 * @param marked - the place of a byte to be marked
 */
export function hexDump(bytes: Uint8Array, marked?: number): HTMLElement {
  const dump = element('pre', { class: 'dump', tabindex: '0', 'aria-label': 'The bytes in hexadecimal' });
  if (marked === undefined) {
    dump.append(lines(bytes, 0, bytes.length));
  } else {
    const at = Math.floor(marked / LINE) * LINE;
    const column = FIRST_COLUMN + (marked - at) * 3;
    const line = lineOf(bytes, at);
    dump.append(
      lines(bytes, 0, at) + line.slice(0, column),
      element('mark', {}, line.slice(column, column + 2)),
      line.slice(column + 2) + '\n' + lines(bytes, at + LINE, bytes.length),
    );
  }
  return dump;
}

function lines(bytes: Uint8Array, from: number, to: number): string {
  let text = '';
  for (let at = from; at < to; at += LINE) text += `${lineOf(bytes, at)}\n`;
  return text;
}

function lineOf(bytes: Uint8Array, at: number): string {
  const part = Array.from(bytes.subarray(at, at + LINE));
  const hex = part.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
  const ascii = part.map((byte) => (byte > 0x1f && byte < 0x7f ? String.fromCharCode(byte) : '·')).join('');
  return `${at.toString(16).padStart(OFFSET_DIGITS, '0')}  ${hex.padEnd(LINE * 3 - 1)}  ${ascii}`;
}
