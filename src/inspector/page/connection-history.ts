import { PresentState } from '../../../operators/present-state.ts';
import type { StateCause, StateRecord } from '../protocol.ts';
import { byId } from './by-id.ts';
import { element } from './element.ts';
import { clock } from './format.ts';

/** How many states are listed. */
const MOST_LISTED = 200;

/** **What the connection is doing, and what it did before.** */
export class ConnectionHistory {
  readonly #list = byId('history');
  readonly #state = byId('state');
  #present = new PresentState<StateRecord>();
  #lastCause: string | undefined;

  /** Forgets all. */
  clear(): void {
    this.#list.replaceChildren();
    this.#present = new PresentState();
    this.#lastCause = undefined;
  }

  add(states: readonly StateRecord[]): void {
    for (const state of states) {
      this.#present.take(state);
      this.#list.prepend(this.#item(state));
      if (this.#list.childElementCount > MOST_LISTED) this.#list.lastElementChild?.remove();
    }
  }

  /** Tells the present state, at this time of the inspected process. */
  tell(now: number): void {
    const state = this.#present.current;
    if (state === undefined) return;
    this.#state.dataset['status'] = state.status;
    const since = Math.max(0, Math.round((now - state.time) / 1_000));
    this.#state.textContent =
      state.status === 'waiting' ? `waiting after failure ${state.attempt ?? 0}` : `${state.status} ${span(since)}`;
  }

  #item(state: StateRecord): HTMLLIElement {
    const facts = [state.connectionId, ...wait(state)].filter((fact) => fact !== undefined);
    const item = element(
      'li',
      { 'data-status': state.status },
      element('time', {}, clock(state.time)),
      element('b', {}, state.status),
      element('span', { class: 'facts' }, facts.join(' · ')),
    );
    // What it waits after was told when the connection closed.
    const isTold = state.status === 'waiting' && state.cause?.message === this.#lastCause;
    if (state.cause !== undefined && !isTold) item.append(causeLine(state.cause));
    this.#lastCause = state.cause?.message;
    return item;
  }
}

function wait({ delay, failure, attempt }: StateRecord): string[] {
  if (delay === undefined) return [];
  return [`${(delay / 1_000).toFixed(1)} s`, `${failure ?? ''} (${attempt ?? 0})`];
}

function causeLine({ message, code, closeCode, status }: StateCause): HTMLElement {
  const codes = [
    code,
    closeCode === undefined ? undefined : `close code ${closeCode}`,
    status === undefined ? undefined : `HTTP ${status}`,
  ].filter((text) => text !== undefined);
  return element(
    'p',
    {},
    message,
    element('span', { class: 'codes' }, ...codes.map((text) => element('code', {}, text))),
  );
}

function span(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  if (minutes === 0) return `${seconds} s`;
  const hours = Math.floor(minutes / 60);
  return hours === 0 ? `${minutes} min ${seconds % 60} s` : `${hours} h ${minutes % 60} min`;
}
