const encoder = new TextEncoder();

/** A character percent-encoded, as UTF-8: `ü` is `%C3%BC`. */
export function percentEncoded(character: string): string {
  return Array.from(encoder.encode(character), (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(
    '',
  );
}
