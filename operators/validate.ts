import { mustBeDecoded, Parsed, RejectedFrame, type Decoded } from './frame.ts';
import { knownOptions, oneOf, positiveInteger } from './options.ts';
import { lift } from './stage.ts';
import { SchemaViolation, type FormatCheck } from './validator.ts';
import type { OperatorFunction } from 'rxjs';

/** Options of {@link validate}. */
export interface ValidateOptions {
  /** How `format` in JSON Schemas is checked; see {@link FormatCheck}. @defaultValue `'fast'` */
  readonly formats?: FormatCheck;
  /** How many issues a rejected frame lists at most. Of payloads above 8 KiB only the first is looked for. @defaultValue 10 */
  readonly maxIssues?: number;
}

/** The frame that {@link validate} makes of a decoded one. */
export type Validated<Frame> = Frame extends Decoded<infer Name, infer Data> ? Parsed<Name, Data> : never;

/**
 * **Holds the payload against the schema of its type**, and gives `decodedData` that type.
 *
 * Binary types and type `unknown` have no schema and pass. Issues name the place and the rule, never the value. A schema
 * that cannot be applied (a recursive one on data nested deeper than the stack) rejects the frame too.
 *
 *     in        --a--b--c--|
 *     out       --A--x--C--|        x: rejected, stage 'validate', reason 'schema'
 *
 * @param options - see {@link ValidateOptions}
 * @throws RangeError or TypeError at the call, where an option is not allowed
 */
export function validate<Frame extends Decoded<string, unknown>>(
  options: ValidateOptions = {},
): OperatorFunction<Frame | RejectedFrame, Validated<Frame> | RejectedFrame> {
  knownOptions('validate', options, ['formats', 'maxIssues']);
  const formats = oneOf('validate: formats', ['ignore', 'fast', 'full'], options.formats ?? 'fast');
  const maxIssues = positiveInteger('validate: maxIssues', options.maxIssues ?? 10);

  return lift((frame: Frame) => {
    mustBeDecoded('validate', frame);
    const validator = frame.definition?.validator(formats);
    const data =
      validator === undefined ? frame.decodedData : validator(frame.decodedData, frame.byteLength, maxIssues);
    if (data instanceof SchemaViolation) return new RejectedFrame(frame, 'validate', 'schema', data.issues);
    return new Parsed(frame, frame.payloadType, data, frame.definition, frame.checksumValid) as Validated<Frame>;
  });
}
