import { NetworkError } from '../../operators/errors.ts';
import { nameOf, type ApiAnswer, type ApiRequest } from './api-request.ts';

/** RFC 3339 section 5.6. */
const DATE_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/;

/**
 * **A place in the body of an answer**, to be read as what the platform documents. Each reading that does not find that throws a
 * {@link NetworkError} that names the request and the place, and shows no value.
 */
export class AnswerMember {
  readonly #request: ApiRequest;
  readonly #status: number;
  readonly #value: unknown;
  readonly #place: string;

  constructor(request: ApiRequest, { status, body }: ApiAnswer, place = 'body') {
    this.#request = request;
    this.#status = status;
    this.#value = body;
    this.#place = place;
  }

  /** A member of an object, which need not be there. */
  member(name: string): AnswerMember {
    const value = this.#value;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw this.#unlike('an object');
    return this.#at((value as Record<string, unknown>)[name], `${this.#place}.${name}`);
  }

  /** Itself; `undefined` where it is left out, null, or an empty text. */
  optional(): AnswerMember | undefined {
    return this.#value === undefined || this.#value === null || this.#value === '' ? undefined : this;
  }

  items(): readonly AnswerMember[] {
    if (!Array.isArray(this.#value)) throw this.#unlike('a list');
    return this.#value.map((item: unknown, index) => this.#at(item, `${this.#place}[${index}]`));
  }

  /** A text with something in it. */
  text(): string {
    if (typeof this.#value !== 'string' || this.#value === '') throw this.#unlike('a text');
    return this.#value;
  }

  /** A date and time (RFC 3339), in milliseconds since the epoch. */
  time(): number {
    const value = this.#value;
    const time = typeof value === 'string' && DATE_TIME.test(value) ? Date.parse(value) : NaN;
    if (Number.isNaN(time)) throw this.#unlike('a date and time');
    return time;
  }

  #at(value: unknown, place: string): AnswerMember {
    return new AnswerMember(this.#request, { status: this.#status, body: value }, place);
  }

  #unlike(documented: string): NetworkError {
    return new NetworkError(
      `The ${nameOf(this.#request)} was answered with ${this.#status}, but ${this.#place} is not ${documented}, as the platform documents it. Check apiUrl.`,
    );
  }
}
