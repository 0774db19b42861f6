import { errorName } from './error-name.ts';
import type { Issue } from './frame.ts';
import { printable } from './printable.ts';

/**
 * How `format` in a JSON Schema is taken: `'fast'` checks by simple patterns, `'full'` strictly (a date must exist),
 * `'ignore'` not at all, which is what JSON Schema itself asks for by default.
 */
export type FormatCheck = 'ignore' | 'fast' | 'full';

/** What a {@link Validator} gives for data that is not as the schema says. */
export class SchemaViolation {
  readonly issues: readonly Issue[];

  constructor(issues: readonly Issue[]) {
    this.issues = issues;
  }
}

/** A compiled schema: gives the data (a Standard Schema may have transformed it), or what is wrong with it. Never throws. */
export type Validator = (data: unknown, byteLength: number, maxIssues: number) => unknown;

/** An issue that is safe to be shown. */
export function issue(message: string, path: string): Issue {
  return path === '' ? { message: printable(message) } : { message: printable(message), path: printable(path) };
}

/** A validator that could not finish, such as a recursive schema on data nested too deep for the stack. */
export function gaveUp(error: unknown): SchemaViolation {
  return new SchemaViolation([{ message: `the schema could not be applied: it threw ${printable(errorName(error))}` }]);
}
