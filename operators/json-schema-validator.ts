import { Ajv, type ErrorObject, type Schema, type ValidateFunction } from 'ajv';
import type { RegExpEngine } from 'ajv/dist/types/index.js';
import formats from 'ajv-formats';
import type { JSONSchema } from 'json-schema-to-ts';
import { isExponential } from './exponential-pattern.ts';
import type { Issue } from './frame.ts';
import { gaveUp, issue, SchemaViolation, type FormatCheck, type Validator } from './validator.ts';

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
