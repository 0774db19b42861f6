import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { subjectToken, tokenText } from '../../src/jetstream/streams/subject-token.ts';

describe('subjectToken', () => {
  it.each([
    ['interaction.update', 'interaction%2Eupdate'],
    ['7c1f3a52-6a0e-4b6c-9d53-0f1f0e6f1d10', '7c1f3a52-6a0e-4b6c-9d53-0f1f0e6f1d10'],
    ['*', '%2A'],
    ['>', '%3E'],
    ['a b\r\nc', 'a%20b%0D%0Ac'],
    ['100%', '100%25'],
    ['Zoë 📱', 'Zo%C3%AB%20%F0%9F%93%B1'],
    ['-', '%2D'],
    ['', '-'],
    [undefined, '-'],
  ])('makes %j %s', (text, token) => {
    expect(subjectToken(text)).toBe(token);
  });

  it('is one token that is no wildcard, whatever the text, and gives the text back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }), (text) => {
        const token = subjectToken(text);
        expect(token).toMatch(/^[\w~=:@$+%-]+$/);
        if (token.length < 190) expect(tokenText(token)).toBe(text);
      }),
    );
  });

  it('never is longer than 200 characters, and long texts stay apart', () => {
    const long = 'x'.repeat(100_000);
    expect(subjectToken(long).length).toBeLessThanOrEqual(200);
    expect(subjectToken(`${long}a`)).not.toBe(subjectToken(`${long}b`));
    expect(subjectToken(`${long}a`)).toBe(subjectToken(`${long}a`));
  });

  it('takes a text that is no well-formed Unicode', () => {
    expect(subjectToken('\ud800')).toBe('%EF%BF%BD');
  });

  it('leaves a token alone that somebody else has made', () => {
    expect(tokenText('50%')).toBe('50%');
  });
});
