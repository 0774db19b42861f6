// Stand in for two services: they understand nothing. Put yours in their place; the types stay.
import { int16, type AudioFrame } from 'rxframe/genesys';
import { concatMap, from, map, timer, type Observable } from 'rxjs';

const LINES = [
  'Hello, I have a question about my invoice.',
  'It seems I was charged twice.',
  'Can I get my money back?',
];

/** A speech recogniser: what was said in a second of audio. This one knows its lines, and says one where somebody begins to speak. */
export function recogniser(): (audio: AudioFrame) => Promise<string> {
  let wasLoud = false;
  let line = 0;
  return (audio) => {
    const isLoud = int16(audio).some((level) => Math.abs(level) > 2_000);
    const begins = isLoud && !wasLoud;
    wasLoud = isLoud;
    return Promise.resolve(begins ? (LINES[line++ % LINES.length] ?? '') : '');
  };
}

const ARTICLES = [
  { about: /money back|refund/, text: 'A refund takes three working days: confirm the account first.' },
  { about: /charged twice/, text: 'Look for a second charge in the last billing period.' },
  { about: /invoice/, text: 'Ask for the number of the invoice.' },
];

/** A language model: a suggestion for the conversation so far, longer with each value. This one looks for words. */
export function suggest(said: readonly string[]): Observable<string> {
  const { text } = ARTICLES.find(({ about }) => about.test(said.at(-1) ?? '')) ?? { text: 'Go on listening.' };
  const words = text.split(' ');
  return from(words.keys()).pipe(concatMap((nth) => timer(5).pipe(map(() => words.slice(0, nth + 1).join(' ')))));
}
