import { optionError } from '../../operators/options.ts';
import { below } from '../auth/server-url.ts';

/** A REST call: `ids`, `query` and `body` are left out where there are none. */
export interface ApiRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  /**
   * Below the address of the API, such as `/api/v2/notifications/channels/{channelId}`. Logs and errors show it like this:
   * they have no ids, which for some things are all that one needs to get at them.
   */
  readonly path: string;
  /** What stands in `path` for each name in braces. */
  readonly ids?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  /** What is sent as JSON. */
  readonly body?: unknown;
}

/** The answer to a REST call that succeeded. */
export interface ApiAnswer {
  readonly status: number;
  /** The parsed JSON; `undefined` where there is no body. */
  readonly body: unknown;
}

/** A request as it was sent: what is needed to judge its answer. */
export interface SentRequest {
  readonly request: ApiRequest;
  readonly host: string;
  readonly correlationId: string;
  /** What must not get into an error, should the server echo it. */
  readonly token: string;
}

/** What a REST call is called in errors: without ids and query. */
export function nameOf({ method, path }: ApiRequest): string {
  return `request ${method} ${path}`;
}

/** Where a REST call goes. @throws TypeError or RangeError where an id can be none */
export function addressOf(base: URL, request: ApiRequest): URL {
  const { path, ids, query } = request;
  const url = below(
    base,
    path.replace(/\{(\w+)\}/g, (_, name: string) => encodedId(`${nameOf(request)}: ${name}`, ids?.[name])),
  );
  url.search = new URLSearchParams(query).toString();
  return url;
}

/** URLs take one and two dots for steps of another kind, also where they are percent-encoded. */
function encodedId(where: string, id: unknown): string {
  if (typeof id === 'string' && !/^\.{0,2}$/.test(id)) return encodeURIComponent(id);
  throw optionError(where, 'an id', id, typeof id !== 'string');
}
