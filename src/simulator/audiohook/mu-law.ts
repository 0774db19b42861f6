/** Added before the logarithm, so that the smallest segment has the same form as the others (ITU-T G.711). */
const BIAS = 132;

/** The largest magnitude that can be coded. */
const CLIP = 32_635;

/** **Codes a 16-bit sample as μ-law** (PCMU: ITU-T G.711, RFC 3551 section 4.5.14). */
export function encodeMuLaw(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0;
  const magnitude = Math.min(Math.abs(sample), CLIP) + BIAS;
  const exponent = 24 - Math.clz32(magnitude);
  const mantissa = (magnitude >> (exponent + 3)) & 0x0f;
  return ~(sign | (exponent << 4) | mantissa) & 0xff;
}

/** **The 16-bit sample that a μ-law byte stands for**: the middle of what is coded so. */
export function decodeMuLaw(code: number): number {
  const bits = ~code;
  const exponent = (bits >> 4) & 0x07;
  const magnitude = ((((bits & 0x0f) << 3) + BIAS) << exponent) - BIAS;
  return bits & 0x80 ? 0 - magnitude : magnitude;
}
