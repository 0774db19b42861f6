import { hex } from '../../operators/hex.ts';

/**
 * A new correlation id: a random UUID (RFC 9562 section 5.4). Made by hand, because browsers have `randomUUID` only on pages that
 * came over TLS.
 */
export function newCorrelationId(): string {
  const digits = hex(crypto.getRandomValues(new Uint8Array(16)));
  const version = `4${digits.slice(13, 16)}`;
  const variant = `8${digits.slice(17, 20)}`;
  return [digits.slice(0, 8), digits.slice(8, 12), version, variant, digits.slice(20)].join('-');
}
