import type { StandardSchemaV1 } from '@standard-schema/spec';
import { Ajv, type ErrorObject, type Schema, type ValidateFunction } from 'ajv';
import type { RegExpEngine } from 'ajv/dist/types/index.js';
import formats from 'ajv-formats';
import type { JSONSchema } from 'json-schema-to-ts';
import { printable } from './printable.ts';
import { errorName } from './error-name.ts';
import { isExponential } from './exponential-pattern.ts';
import type { Issue } from './frame.ts';
import { withMethod } from './options.ts';

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

/**
 * Up to this size of the payload all its violations are looked for; of a larger one only the first. A list of all
 * grows with the payload, and a sender could fill our memory with it. And to find all, ajv tries a `pattern` even on a text
 * that `maxLength` has found too long: where the pattern takes quadratic time, 64 KiB of text would take seconds.
 */
const LIST_ALL_UP_TO = 8 * 1024;

/** Compiles a JSON Schema (draft-07) with ajv. Throws where the schema is no schema. */
export function jsonSchemaValidator(schema: JSONSchema, formatCheck: FormatCheck, regExp?: RegExpEngine): Validator {
  const validate = compile(schema, formatCheck, regExp, false);
  let validateAll: ValidateFunction | undefined;

  return (data, byteLength, maxIssues) => {
    try {
      if (validate(data)) return data;
      let errors = validate.errors;
      if (byteLength <= LIST_ALL_UP_TO && maxIssues > 1) {
        validateAll ??= compile(schema, formatCheck, regExp, true);
        validateAll(data);
        errors = validateAll.errors;
      }
      // Never null where ajv has said no.
      return new SchemaViolation((errors as ErrorObject[]).slice(0, maxIssues).map(issueOf));
    } catch (error) {
      return gaveUp(error);
    }
  };
}

/** Takes a Standard Schema as it is; but not its messages, which in some libraries quote the value. */
export function standardSchemaValidator(schema: StandardSchemaV1): Validator {
  withMethod('"~standard"', 'validate', schema['~standard']);
  const message = `must be as the ${schema['~standard'].vendor} schema says`;
  return (data, _byteLength, maxIssues) => {
    try {
      const result = schema['~standard'].validate(data);
      if ('then' in result) {
        Promise.resolve(result).catch(() => undefined);
        return new SchemaViolation([{ message: 'the schema is asynchronous; validate() takes synchronous ones only' }]);
      }
      if (result.issues === undefined) return result.value;
      return new SchemaViolation(result.issues.slice(0, maxIssues).map(({ path }) => issue(message, pointer(path))));
    } catch (error) {
      return gaveUp(error);
    }
  };
}

/** A validator that could not finish, such as a recursive schema on data nested too deep for the stack. */
function gaveUp(error: unknown): SchemaViolation {
  return new SchemaViolation([{ message: `the schema could not be applied: it threw ${printable(errorName(error))}` }]);
}

function compile(
  schema: JSONSchema,
  formatCheck: FormatCheck,
  regExp: RegExpEngine | undefined,
  allErrors: boolean,
): ValidateFunction {
  const ajv = new Ajv({
    allErrors,
    strictTypes: false,
    strictTuples: false,
    validateFormats: formatCheck !== 'ignore',
    ownProperties: namesInherited(schema),
    logger: false,
    code: { regExp: regExp ?? checkedRegExp },
  });
  formats.default(ajv, { mode: formatCheck === 'full' ? 'full' : 'fast' });
  if (typeof schema === 'object' && '$async' in schema) throw new TypeError('it is asynchronous ($async)');
  return ajv.compile(schema as Schema);
}

const INHERITED = Object.getOwnPropertyNames(Object.prototype).map((name) => JSON.stringify(name));

/**
 * Whether a schema may speak of a member that each object inherits, such as `constructor`: only then ajv is told to look whose
 * it is, because that makes it several times as slow.
 */
function namesInherited(schema: JSONSchema): boolean {
  const text = JSON.stringify(schema);
  return INHERITED.some((name) => text.includes(name));
}

/** The platform's own engine, which backtracks; so patterns that can backtrack exponentially are refused. */
const checkedRegExp: RegExpEngine = Object.assign(
  (pattern: string, flags: string) => {
    if (isExponential(pattern)) {
      throw new TypeError(
        `the pattern ${JSON.stringify(pattern)} can take exponential time; rewrite it, or give the type a linear-time engine as regExp`,
      );
    }
    return new RegExp(pattern, flags);
  },
  { code: 'new RegExp' },
);

function issueOf(error: ErrorObject): Issue {
  return issue(error.message ?? error.keyword, error.instancePath);
}

function pointer(path: StandardSchemaV1.Issue['path'] = []): string {
  return path
    .map((segment) => String(typeof segment === 'object' ? segment.key : segment))
    .map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('');
}

function issue(message: string, path: string): Issue {
  return path === '' ? { message: printable(message) } : { message: printable(message), path: printable(path) };
}
