/** **A `fetch` that compares the clocks**: the server's, by the header `Date` of its answers (RFC 9110 section 6.6.1), and ours. */
export class ServerClock {
  #least = NaN;
  #most = NaN;

  readonly fetch: typeof globalThis.fetch = async (input, init) => {
    const sentAt = Date.now();
    const response = await globalThis.fetch(input, init);
    const date = Date.parse(response.headers.get('date') ?? '');
    // The header was made between sending and now, and shows whole seconds, cut off.
    this.#least = date - Date.now();
    this.#most = date + 999 - sentAt;
    return response;
  };

  /**
   * By how much the server's clock is ahead of ours at least, in milliseconds; below 0 where it is behind, 0 where there may be no
   * difference, undefined where the last answer did not tell.
   */
  get ahead(): number | undefined {
    if (Number.isNaN(this.#least)) return undefined;
    return this.#least > 0 ? this.#least : Math.min(0, this.#most);
  }
}
