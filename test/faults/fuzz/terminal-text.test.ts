import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Decoded, RejectedFrame } from '../../../operators/frame.ts';
import { outcomeLine } from '../../../src/cli/stream/outcome-line.ts';
import { StatusLine } from '../../../src/cli/terminal/status-line.ts';
import { terminalJson, terminalText } from '../../../src/cli/terminal/terminal-text.ts';
import { fuzz } from './fuzz.ts';
import { Message } from './message.ts';
import { UNSAFE_CHARACTER } from './unsafe-character.ts';

/** Any text, lone surrogates too, and often what a terminal takes for a command. */
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({
    unit: fc.constantFrom(
      '\u001b',
      '[2J',
      ']0;title\u0007',
      '\u009b',
      '\r',
      '\n',
      '\b',
      '\u007f',
      '\u202e',
      '\u2028',
      '\u200b',
      'é',
      '📱',
      '\udcf1',
      '"',
    ),
  }),
);

describe('text for the terminal', () => {
  it('has no character that a terminal could obey, and all others as they were', async () => {
    await fuzz(text, (said) => {
      const shown = terminalText(said);
      expect(shown).not.toMatch(UNSAFE_CHARACTER);
      expect(Array.from(shown)).toStrictEqual(
        Array.from(said, (character) => (UNSAFE_CHARACTER.test(character) ? '\ufffd' : character)),
      );
    });
  });

  it('stands for the same value, where it is JSON', async () => {
    const value = fc.oneof(fc.jsonValue({ stringUnit: 'binary' }), fc.dictionary(text, text), fc.array(text));
    await fuzz(value, (said) => {
      const shown = terminalJson(said);
      expect(shown).not.toMatch(UNSAFE_CHARACTER);
      expect(JSON.parse(shown)).toStrictEqual(JSON.parse(JSON.stringify(said)));
    });
  });

  it('is one line for each outcome, whatever its payload and type', async () => {
    const given = fc.record({
      bytes: fc.uint8Array(),
      payloadType: text,
      data: fc.jsonValue(),
      reason: text,
      message: text,
    });
    await fuzz(fc.tuple(given, fc.boolean(), fc.boolean()), ([said, isRejected, withData]) => {
      const decoded = new Decoded(new Message(said.bytes, false).frame(), said.payloadType, said.data, undefined);
      const outcome = isRejected
        ? new RejectedFrame(decoded, 'own', said.reason, [{ message: said.message }])
        : decoded;
      const line = outcomeLine(outcome, 1, withData);
      expect(line).not.toMatch(UNSAFE_CHARACTER);
      expect(JSON.parse(line)).toMatchObject({
        frameId: 'fuzz-0',
        payloadType: said.payloadType,
        ...(isRejected && { reason: said.reason, issues: [{ message: said.message }] }),
        ...(withData && { data: JSON.parse(JSON.stringify(said.data)) as unknown }),
      });
    });
  });

  it('gives a status line no other commands than its own, and never more than the width', async () => {
    const given = fc.record({
      logged: text,
      state: text.filter((state) => state !== ''),
      columns: fc.integer({ min: 2, max: 200 }),
    });
    await fuzz(given, ({ logged, state, columns }) => {
      let written = '';
      const line = new StatusLine({ columns, write: (part) => (written += part) !== '' }, true);
      line.show({ state, colour: 'red', facts: ['1 frame/s'] });
      line.log(logged);
      line.clear();
      const parts = written.split('\u001b[K');
      expect(parts).toHaveLength(4);
      const [first, erased, logAndShown, after] = parts as [string, string, string, string];
      expect([first[0], erased, logAndShown.at(-1), after]).toStrictEqual(['\r', '\r', '\r', '']);
      const shown = first.slice(1);
      expect(shown).not.toMatch(UNSAFE_CHARACTER);
      expect(shown.length).toBeLessThan(columns);
      const [log, again, ...rest] = logAndShown.slice(0, -1).split('\n');
      expect(log).not.toMatch(UNSAFE_CHARACTER);
      expect([again, ...rest]).toStrictEqual([shown]);
    });
  });
});
