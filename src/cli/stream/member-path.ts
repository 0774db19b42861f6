import type { AnyFrame } from '../../../operators/frame.ts';
import { didYouMean } from '../arguments/did-you-mean.ts';
import { OUTCOME_MEMBERS, type OutcomeMember } from './outcome-members.ts';
import { UsageError } from '../arguments/usage-error.ts';

/** Where a value stands in an outcome: `data.eventBody.status`. */
export interface MemberPath {
  /** As it was written. */
  readonly text: string;
  readonly member: OutcomeMember;
  /** The way on from there: names of members, and places in lists. */
  readonly steps: readonly string[];
}

/** One step: a text of JSON, or what needs no quotes. */
const STEP = String.raw`(?:"(?:[^"\\]|\\.)*"|[^\s".,=!<>~]+)`;
const STEPS = new RegExp(STEP, 'g');
const PATH = new RegExp(`^${STEP}(?:\\.${STEP})*$`);
/** A whole path, for expressions that have one. */
export const PATH_SOURCE = `${STEP}(?:\\.${STEP})*`;
/** A comma that is not in quotes: an even number of quotes follow. Quotes with a backslash before are none. */
const COMMA = /,(?=(?:[^"\\]|\\.|"(?:[^"\\]|\\.)*")*$)/;
/** What has members of its own. */
const NESTED: readonly string[] = ['data', 'issues'];

/**
 * Reads a path.
 *
 * @throws UsageError where it is none, or begins with what no outcome has
 */
export function memberPath(flag: string, text: string): MemberPath {
  if (!PATH.test(text)) {
    throw new UsageError(
      `${flag}: ${JSON.stringify(text)} is no member: names stand with dots between, such as data.eventBody.status; one with other signs in double quotes`,
    );
  }
  const [first = '', ...steps] = (text.match(STEPS) ?? []).map((step) => unquoted(flag, step));
  if (!Object.hasOwn(OUTCOME_MEMBERS, first)) throw new UsageError(`${flag}: ${noMember(first)}`);
  if (steps.length > 0 && !NESTED.includes(first)) {
    throw new UsageError(`${flag}: ${first} has no members; ${NESTED.join(' and ')} have`);
  }
  return { text, member: first as OutcomeMember, steps };
}

/** Reads paths with commas between. @throws UsageError where one is none, or begins with what no outcome has */
export function memberPaths(flag: string, text: string): readonly MemberPath[] {
  return text.split(COMMA).map((path) => memberPath(flag, path.trim()));
}

/** The value that an outcome has there, by own properties only; undefined where it has none. */
export function valueAt({ member, steps }: MemberPath, outcome: AnyFrame, now: number): unknown {
  if (steps.length === 0) return OUTCOME_MEMBERS[member](outcome, now);
  // Not by payloadOf: it makes base64, in which there are no members.
  let value: unknown =
    member === 'data'
      ? outcome.kind === 'raw'
        ? undefined
        : outcome.decodedData
      : OUTCOME_MEMBERS[member](outcome, now);
  for (const step of steps) {
    if (!isNested(value) || !Object.hasOwn(value, step)) return undefined;
    if (Array.isArray(value) && step === 'length') return undefined;
    value = value[step];
  }
  return value;
}

/** Bytes have no members. */
function isNested(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !(value instanceof Uint8Array);
}

function unquoted(flag: string, step: string): string {
  if (!step.startsWith('"')) return step;
  try {
    return JSON.parse(step) as string;
  } catch (error) {
    throw new UsageError(`${flag}: ${step} is no text of JSON`, { cause: error });
  }
}

function noMember(name: string): string {
  const members = Object.keys(OUTCOME_MEMBERS);
  const list = new Intl.ListFormat('en-GB').format(members);
  return `an outcome has no member ${JSON.stringify(name)}${didYouMean(name, members)}; it has ${list}; what is in the payload begins with data.`;
}
