/** The codes of the colours (ECMA-48 section 8.3.117, SGR), and of the default one. */
const COLOURS = { red: 31, green: 32, yellow: 33 } as const;
const DEFAULT_COLOUR = '\u001b[39m';

export type Colour = keyof typeof COLOURS;

/** A text in a colour, for a terminal that has colours. */
export function coloured(text: string, colour: Colour): string {
  return `\u001b[${COLOURS[colour]}m${text}${DEFAULT_COLOUR}`;
}
