import type { StandardSchemaV1 } from '@standard-schema/spec';
import { pointerStep } from './json-pointer.ts';
import { withMethod } from './options.ts';
import { gaveUp, issue, SchemaViolation, type Validator } from './validator.ts';

/** Takes a Standard Schema as it is; but not its messages, which in some libraries quote the value. */
export function standardSchemaValidator(schema: StandardSchemaV1): Validator {
  withMethod('standardType: schema["~standard"]', 'validate', schema['~standard']);
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

function pointer(path: StandardSchemaV1.Issue['path'] = []): string {
  return path
    .map((segment) => String(typeof segment === 'object' ? segment.key : segment))
    .map(pointerStep)
    .join('');
}
