import { RxFrameError } from '../../operators/errors.ts';
import { isRejected, type AnyFrame } from '../../operators/frame.ts';
import { ANY_ISSUES } from './frames.ts';

/**
 * **What two values are compared by**: frames by what they are, and not by when and on which connection they came;
 * errors of this package by their class and the facts that they carry (`cause` only where one is expected), and not by their
 * text. Looks into arrays and plain objects.
 *
 * Only where both sides are frames, or both errors: whatever else is expected, such as a matcher of the test runner's, sees
 * the frame as it is.
 */
export function comparable(actual: unknown, expected: unknown): readonly [actual: unknown, expected: unknown] {
  if (isFrame(actual) && isFrame(expected)) {
    const hasIssues = isRejected(expected) && expected.issues !== ANY_ISSUES;
    return [factsOf(actual, hasIssues), factsOf(expected, hasIssues)];
  }
  if (actual instanceof RxFrameError && expected instanceof RxFrameError) {
    const [cause, expectedCause] = comparable(actual.cause, expected.cause);
    const withCause = expected.cause !== undefined;
    return [
      { ...factsOfError(actual), ...(withCause && { cause }) },
      { ...factsOfError(expected), ...(withCause && { cause: expectedCause }) },
    ];
  }
  if (Array.isArray(actual) && Array.isArray(expected)) {
    const pairs = Array.from({ length: Math.min(actual.length, expected.length) }, (_, index) =>
      comparable(actual[index], expected[index]),
    );
    return [
      [
        ...pairs.map(([left]) => left),
        ...actual.slice(pairs.length).map((left: unknown) => comparable(left, undefined)[0]),
      ],
      [...pairs.map(([, right]) => right), ...(expected.slice(pairs.length) as unknown[])],
    ];
  }
  if (isPlain(actual) && isPlain(expected)) {
    const left = { ...actual };
    const right = { ...expected };
    for (const name of Object.keys(left).filter((name) => Object.hasOwn(right, name))) {
      [left[name], right[name]] = comparable(left[name], right[name]);
    }
    return [left, right];
  }
  // Nothing but a matcher looks into a frame; where there is none, its facts are what one can read.
  return [isFrame(actual) && !isObject(expected) ? factsOf(actual, true) : actual, expected];
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** A frame, of whatever realm or copy of the package. */
export function isFrame(value: unknown): value is AnyFrame {
  return isObject(value) && 'frameId' in value && 'rawData' in value && 'kind' in value;
}

/** An object as written in a literal, of whatever realm. */
function isPlain(value: unknown): value is Record<string, unknown> {
  if (!isObject(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function factsOf(frame: AnyFrame, withIssues: boolean): unknown {
  switch (frame.kind) {
    case 'raw':
      return { kind: frame.kind, isBinary: frame.isBinary, payload: bytesOrText(frame.rawData) };
    case 'rejected': {
      const issues = withIssues && { issues: frame.issues.map(({ message }) => message) };
      return { kind: frame.kind, stage: frame.stage, reason: frame.reason, ...issues };
    }
    default: {
      const { kind, payloadType, checksumValid } = frame;
      const data = frame.decodedData;
      return { kind, payloadType, checksumValid, data: data instanceof Uint8Array ? bytesOrText(data) : data };
    }
  }
}

/** As text where it is some, so that a difference can be read. */
export function bytesOrText(bytes: Uint8Array): string | Uint8Array {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return Uint8Array.from(bytes);
  }
}

/** Class, code, and what it carries besides: status, close code, … */
function factsOfError(error: RxFrameError): object {
  return Object.fromEntries(Object.entries(error).filter(([name]) => name !== 'openFor'));
}
