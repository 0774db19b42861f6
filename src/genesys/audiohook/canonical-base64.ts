/**
 * The bytes that stand in base64 (RFC 4648 section 4); undefined where it is none, or not the one text that stands for these
 * bytes: other characters, missing padding, bits left over that are not 0. Node alone would read all of that.
 */
export function canonicalBase64(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}
