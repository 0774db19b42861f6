/** What ITU-T G.711 adds to a magnitude before it looks for the segment, in 16-bit levels (33 in its own 14-bit ones). */
const BIAS = 132;

/**
 * **The 16-bit level that each PCMU code stands for**, from -32124 to 32124 (ITU-T G.711, table 2a and 2b, its 14 bits times
 * four). There are two codes for 0: 0xFF, which is silence, and 0x7F.
 */
export const PCMU_LEVELS: Int16Array = Int16Array.from({ length: 256 }, (_, code) => levelOf(code));

/** A code's bits are sent inverted: a sign, three bits for the segment, four for the step in it. */
function levelOf(code: number): number {
  const bits = ~code;
  const segment = (bits >> 4) & 0b111;
  const step = bits & 0b1111;
  const magnitude = (((step << 3) + BIAS) << segment) - BIAS;
  return (bits & 0x80) === 0 ? magnitude : -magnitude;
}
