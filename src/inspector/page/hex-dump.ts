import { element } from './element.ts';
import { steppedView } from './stepped-view.ts';

/** How many bytes a line has. */
const LINE = 16;
/** How many bytes are shown at once. */
const STEP = 16 * 1024;

/**
 * **Bytes in hexadecimal**: their offset, sixteen of them, and what they are in ASCII.
 *
 * @param marked - the place of a byte to be marked
 */
export function hexDump(bytes: Uint8Array, marked?: number): HTMLElement {
  const part = (from: number, to: number) => {
    const text = element('pre', { tabindex: '0', 'aria-label': 'The bytes in hexadecimal' });
    if (marked !== undefined && marked >= from && marked < to) {
      const at = Math.floor(marked / LINE) * LINE;
      const column = 10 + (marked - at) * 3;
      const line = lineOf(bytes, at);
      text.append(
        lines(bytes, from, at) + line.slice(0, column),
        element('mark', {}, line.slice(column, column + 2)),
        line.slice(column + 2) + '\n' + lines(bytes, at + LINE, to),
      );
    } else {
      text.append(lines(bytes, from, to));
    }
    return text;
  };
  const dump = steppedView({ length: bytes.length, step: STEP, unit: 'bytes', place: marked, part });
  dump.className = 'dump';
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
  return `${at.toString(16).padStart(8, '0')}  ${hex.padEnd(LINE * 3 - 1)}  ${ascii}`;
}
