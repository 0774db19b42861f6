import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Nonces } from '../../../src/genesys/audiohook/nonces.ts';

describe('Nonces', () => {
  it('takes a nonce once for each key', () => {
    const nonces = new Nonces();
    expect(nonces.use('key', 'nonce', 100)).toBe('new');
    expect(nonces.use('key', 'nonce', 100)).toBe('replayed');
    expect(nonces.use('key', 'other', 100)).toBe('new');
    expect(nonces.use('other', 'nonce', 100)).toBe('new');
    expect(nonces.use('keyn', 'once', 100)).toBe('new');
  });

  it('remembers for as long as a signature could be accepted: 10 s of age, and the skew at both ends', () => {
    const nonces = new Nonces();
    nonces.use('key', 'nonce', 100);
    expect(nonces.use('key', 'nonce', 116)).toBe('replayed');
    expect(nonces.use('key', 'nonce', 116.001)).toBe('new');
  });

  it('is not made to remember longer by replays', () => {
    const nonces = new Nonces();
    for (let now = 100; now <= 116; now += 1) nonces.use('key', 'nonce', now);
    nonces.use('key', 'other', 117);
    expect(nonces.size).toBe(1);
  });

  it('is full for one key, and not for the others', () => {
    const nonces = new Nonces(2);
    expect(nonces.use('one', 'a', 100)).toBe('new');
    expect(nonces.use('one', 'b', 100)).toBe('new');
    expect(nonces.use('one', 'c', 100)).toBe('full');
    expect(nonces.use('other', 'a', 100)).toBe('new');
    expect(nonces.use('one', 'c', 117)).toBe('new');
    expect(nonces.use('one', 'd', 117)).toBe('new');
    expect(nonces.use('one', 'e', 117)).toBe('full');
  });

  it('refuses new nonces when it is full, keeps the old ones, and takes new ones with time', () => {
    const nonces = new Nonces(2);
    expect([nonces.use('key', 'a', 100), nonces.use('key', 'b', 110)]).toEqual(['new', 'new']);
    expect(nonces.use('key', 'c', 111)).toBe('full');
    expect(nonces.use('key', 'a', 111)).toBe('replayed');
    expect(nonces.use('key', 'c', 117)).toBe('new');
    expect(nonces.use('key', 'd', 117)).toBe('full');
    expect(nonces.use('key', 'b', 117)).toBe('replayed');
  });

  it('keeps none of those that it need not know', () => {
    const nonces = new Nonces();
    let most = 0;
    for (let now = 0; now < 10_000; now += 0.5) {
      expect(nonces.use('key', `${now}`, now)).toBe('new');
      most = Math.max(most, nonces.size);
    }
    expect(most).toBe(33);
  });

  it('goes on knowing what it knows while the clock goes back', () => {
    const nonces = new Nonces();
    nonces.use('key', 'a', 100);
    expect(nonces.use('key', 'b', 50)).toBe('new');
    expect(nonces.use('key', 'a', 50)).toBe('replayed');
    expect(nonces.use('key', 'b', 116)).toBe('replayed');
    nonces.use('key', 'c', 117);
    expect(nonces.size).toBe(1);
  });

  it('shows no key and no nonce', () => {
    const nonces = new Nonces();
    nonces.use('a-secret-key', 'a-secret-nonce', 100);
    expect(inspect(nonces, { depth: null, showHidden: true })).not.toMatch(/a-secret/);
  });
});
