/** A request, as the endpoints take it: from a server, or from a `fetch` in memory. */
export interface HttpRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Undefined where it was too long to be taken: see {@link LONGEST_BODY}. */
  readonly body: string | undefined;
}

/** An answer, as the endpoints give it. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Empty where there is none. */
  readonly body: string;
}

/** Longer bodies are not taken, in bytes. */
export const LONGEST_BODY = 1024 * 1024;
