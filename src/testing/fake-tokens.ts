import { of, type Observable } from 'rxjs';
import type { TokenSource } from '../auth/token-source.ts';

/**
 * **A source of tokens in no time**, for `connect({ token })`: gives `token-1` until that is invalidated, then `token-2`, and
 * so on.
 */
export class FakeTokens implements TokenSource {
  /** The tokens that the server did not take, in order. */
  readonly invalidated: string[] = [];

  token(): Observable<string> {
    return of(this.#current);
  }

  invalidate(token: string = this.#current): void {
    if (token === this.#current) this.invalidated.push(token);
  }

  get #current(): string {
    return `token-${this.invalidated.length + 1}`;
  }
}
