import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { wakeUp$ } from '../operators/wake-up.ts';

describe('wakeUp$ where there is no browser', () => {
  it('never emits, and completes', () => {
    const seen: string[] = [];
    wakeUp$.subscribe({ next: () => seen.push('next'), complete: () => seen.push('complete') });
    expect(seen).toStrictEqual(['complete']);
  });
});

describe('wakeUp$ in a browser', () => {
  class Page extends EventTarget {
    visibilityState = 'hidden';
  }
  let network: EventTarget;
  let page: Page;

  beforeEach(() => {
    network = new EventTarget();
    page = new Page();
    vi.stubGlobal('addEventListener', network.addEventListener.bind(network));
    vi.stubGlobal('removeEventListener', network.removeEventListener.bind(network));
    vi.stubGlobal('document', page);
  });
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  const count = () => {
    const seen = { values: 0, ended: false };
    const subscription = wakeUp$.subscribe({ next: () => (seen.values += 1), complete: () => (seen.ended = true) });
    return { seen, subscription };
  };
  const turn = (visibilityState: string) => {
    page.visibilityState = visibilityState;
    page.dispatchEvent(new Event('visibilitychange'));
  };

  it('emits each time the network comes back', () => {
    const { seen, subscription } = count();
    network.dispatchEvent(new Event('offline'));
    expect(seen.values).toBe(0);
    network.dispatchEvent(new Event('online'));
    network.dispatchEvent(new Event('online'));
    expect(seen).toStrictEqual({ values: 2, ended: false });
    subscription.unsubscribe();
  });

  it('emits when the page becomes visible, and not when it is hidden', () => {
    const { seen, subscription } = count();
    turn('visible');
    turn('hidden');
    expect(seen).toStrictEqual({ values: 1, ended: false });
    subscription.unsubscribe();
  });

  it('listens to the network alone in a worker, which has no document', () => {
    vi.stubGlobal('document', undefined);
    Reflect.deleteProperty(globalThis, 'document');
    const { seen, subscription } = count();
    network.dispatchEvent(new Event('online'));
    expect(seen).toStrictEqual({ values: 1, ended: false });
    subscription.unsubscribe();
  });

  it('listens to nothing more after an unsubscription, and serves each subscription on its own', () => {
    const [leaver, stayer] = [count(), count()];
    leaver.subscription.unsubscribe();
    network.dispatchEvent(new Event('online'));
    turn('visible');
    expect([leaver.seen.values, stayer.seen.values]).toStrictEqual([0, 2]);
    stayer.subscription.unsubscribe();
  });
});
