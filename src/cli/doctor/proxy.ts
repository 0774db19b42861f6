/** A proxy that the environment names. */
export interface Proxy {
  /** The variable that names it. Its value may have a password, and is not shown. */
  readonly variable: string;
  /** Whether Node goes through it. */
  readonly isUsed: boolean;
}

/** The variables that Node reads, the first that is set for HTTPS. */
const VARIABLES = ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY'];

/**
 * **The proxy that the environment names**; undefined where it names none.
 *
 * Source: Node's own documentation of `NODE_USE_ENV_PROXY`, which there is from 22.21 and 24.5 on.
 */
export function proxyOf(environment: Readonly<Record<string, string | undefined>>): Proxy | undefined {
  const variable = VARIABLES.find((name) => (environment[name] ?? '') !== '');
  return variable === undefined ? undefined : { variable, isUsed: environment['NODE_USE_ENV_PROXY'] === '1' };
}
