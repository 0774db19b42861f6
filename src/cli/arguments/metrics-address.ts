import { UsageError } from './usage-error.ts';

/** Where a server for metrics listens. */
export interface MetricsAddress {
  readonly host: string;
  readonly port: number;
}

/** `HOST:PORT` or `PORT`; an IPv6 address stands in brackets. */
const ADDRESS = /^(?:(?:\[([\da-f:.]+(?:%\w+)?)\]|([^\s:[\]/?#@]+)):)?(\d{1,5})$/i;

/**
 * **Reads the value of `--metrics-address`.** A port alone is one of this machine's, which others can't reach.
 *
 * @throws UsageError where it is none
 */
export function metricsAddress(text: string): MetricsAddress {
  const [, ipv6, name, digits] = ADDRESS.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535) {
    throw new UsageError(
      `--metrics-address must be HOST:PORT or PORT, such as 127.0.0.1:9464 or [::1]:9464, got ${JSON.stringify(text)}`,
    );
  }
  return { host: ipv6 ?? name ?? '127.0.0.1', port };
}
