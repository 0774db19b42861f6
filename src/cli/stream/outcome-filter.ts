import type { AnyFrame } from '../../../operators/frame.ts';
import { didYouMean } from '../arguments/did-you-mean.ts';
import { memberPath, PATH_SOURCE, valueAt, type MemberPath } from './member-path.ts';
import { UsageError } from '../arguments/usage-error.ts';

/** Whether an outcome is let through. `now` is on the clock of `receivedAt`. */
export type OutcomeFilter = (outcome: AnyFrame, now: number) => boolean;

const EXPRESSION = new RegExp(`^\\s*(${PATH_SOURCE})\\s*(!=|<=|>=|==?|<|>|~)\\s*([^]*?)\\s*$`);

/** Members that are numbers in each outcome. */
const NUMBERS: readonly string[] = ['sequence', 'byteLength', 'latencyMs'];
/** Members that have one of a few values in each outcome. */
const VALUES: ReadonlyMap<string, readonly string[]> = new Map([
  ['outcome', ['accepted', 'rejected']],
  ['checksum', ['pass', 'fail', 'none']],
]);

/** What a member is compared with: a text in quotes is a text only. */
interface Operand {
  readonly text: string;
  readonly isQuoted: boolean;
}

/**
 * **A filter, from an expression `MEMBER OPERATOR VALUE`** such as `payloadType=interaction.update`.
 *
 * What a member is, is what it is compared as: numbers with numbers, texts with texts, by their characters; true, false and null
 * by their names. A missing member is null. Members of different kinds are neither equal nor smaller nor greater. Objects and
 * lists are compared with nothing; `~` looks into their JSON.
 *
 * @throws UsageError where the expression is none, begins with what no outcome has, or has a value that the member never has
 */
export function outcomeFilter(expression: string): OutcomeFilter {
  const [, path = '', operator = '', value = ''] = EXPRESSION.exec(expression) ?? [];
  if (operator === '') {
    throw new UsageError(
      `--filter must be MEMBER and VALUE with one of = != < <= > >= ~ between, such as payloadType=interaction.update, got ${JSON.stringify(expression)}`,
    );
  }
  const at = memberPath('--filter', path);
  const operand = operandOf(value);
  checkValue(at, operator, operand);
  const holds = comparison(operator, operand);
  return (outcome, now) => holds(valueAt(at, outcome, now) ?? null);
}

function operandOf(value: string): Operand {
  if (!/^".*"$/s.test(value)) return { text: value, isQuoted: false };
  try {
    return { text: JSON.parse(value) as string, isQuoted: true };
  } catch (error) {
    throw new UsageError(`--filter: ${value} is no text of JSON`, { cause: error });
  }
}

/** What can't hold for any outcome, or holds for all, is a mistake. */
function checkValue({ member }: MemberPath, operator: string, operand: Operand): void {
  if (operator === '~') return;
  const got = JSON.stringify(operand.text);
  if (NUMBERS.includes(member) && Number.isNaN(numberOf(operand))) {
    throw new UsageError(`--filter: ${member} must be compared with a number, without quotes or a unit, got ${got}`);
  }
  const values = VALUES.get(member);
  if (values !== undefined && ['=', '==', '!='].includes(operator) && !values.includes(operand.text)) {
    const hint = didYouMean(operand.text, values);
    throw new UsageError(`--filter: ${member} is one of ${values.join(', ')}, got ${got}${hint}`);
  }
}

/** NaN where it is none. */
function numberOf({ text, isQuoted }: Operand): number {
  return isQuoted || text === '' ? NaN : Number(text);
}

function comparison(operator: string, operand: Operand): (value: unknown) => boolean {
  const { text, isQuoted } = operand;
  const number = numberOf(operand);
  const equals = (value: unknown) => {
    if (typeof value === 'string') return value === text;
    if (typeof value === 'number') return value === number;
    return !isQuoted && (value === null || typeof value === 'boolean') && String(value) === text;
  };
  /** Below 0 where the value is smaller, above 0 where it is greater; NaN where neither can be said. */
  const order = (value: unknown) => {
    if (typeof value === 'number') return value - number;
    if (typeof value !== 'string') return NaN;
    return value < text ? -1 : Number(value > text);
  };
  switch (operator) {
    case '=':
    case '==':
      return equals;
    case '!=':
      return (value) => !equals(value);
    case '<':
      return (value) => order(value) < 0;
    case '<=':
      return (value) => order(value) <= 0;
    case '>':
      return (value) => order(value) > 0;
    case '>=':
      return (value) => order(value) >= 0;
    default:
      return (value) => textOf(value).includes(text);
  }
}

/** The text to look into. What is missing, or nested too deep to be written, has none. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null) return '';
  try {
    return JSON.stringify(value);
  } catch {
    return '';
  }
}
