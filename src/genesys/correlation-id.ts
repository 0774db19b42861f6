/**
 * A new correlation id: a random UUID (RFC 9562 section 5.4). Made by hand, because browsers have `randomUUID` only on pages that
 * came over TLS.
 */
export function newCorrelationId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const hex = (from: number, to: number) =>
    Array.from(bytes.subarray(from, to), (byte) => byte.toString(16).padStart(2, '0')).join('');
  const version = `4${hex(6, 8).slice(1)}`;
  const variant = `8${hex(8, 10).slice(1)}`;
  return [hex(0, 4), hex(4, 6), version, variant, hex(10, 16)].join('-');
}
