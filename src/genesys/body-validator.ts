import { issue, SchemaViolation, type Validator } from '../../operators/validator.ts';
import type { BodySchema } from './body-schema.ts';

/** The validator that a row of a payload type matrix has, for such a schema. A rejected frame lists the first thing that is wrong. */
export function bodyValidator(schema: BodySchema<unknown>): Validator {
  return (data) => {
    const fault = schema.faultIn(data);
    return fault === undefined ? data : new SchemaViolation([issue(fault.message, fault.path)]);
  };
}
