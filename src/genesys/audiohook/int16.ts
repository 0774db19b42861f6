import type { AudioFrame } from './audio-frame.ts';

/**
 * **The samples of an L16 frame as numbers**, from -32768 to 32767, interleaved where there are several channels. A view of
 * `decodedData` where its bytes stand at an even place in their buffer, else a copy: do not write to it. On the few machines that have the high
 * byte first, such as s390x, the numbers are wrong.
 *
 * ```ts
 * const loudest = int16(frame).reduce((most, level) => Math.max(most, Math.abs(level)), 0);
 * ```
 *
 * @throws TypeError where the frame is PCMU: `toL16()` stands before
 */
export function int16(frame: AudioFrame): Int16Array {
  if (frame.format !== 'L16') {
    throw new TypeError(`int16: the frame must be L16, got ${frame.format}; put toL16() before it`);
  }
  const { buffer, byteOffset, byteLength } = frame.decodedData;
  if (byteOffset % 2 === 0) return new Int16Array(buffer, byteOffset, byteLength / 2);
  // Not slice(), which for Node's Buffer is a view.
  return new Int16Array(new Uint8Array(frame.decodedData).buffer);
}
