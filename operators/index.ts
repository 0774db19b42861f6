/** The operators and the frame model: `rxframe/operators`. Nothing here knows a socket, a file or a platform. */
export { accepted } from './accepted.ts';
export { audit, type AuditSink } from './audit.ts';
export type { AuditRecord, AuditRecordOptions } from './audit-record.ts';
export { binaryType, type BinaryTypeOptions } from './binary-type.ts';
export { checksum } from './checksum.ts';
export { chunked, type ChunkedFrame, type ChunkedOptions } from './chunked.ts';
export { circuitBreaker, type CircuitBreakerOptions, type CircuitState } from './circuit-breaker.ts';
export type { ConnectionState } from './connection-state.ts';
export { decode } from './decode.ts';
export { dedupe, type DedupeOptions } from './dedupe.ts';
export { detectGaps, type DetectGapsOptions, type SequenceNotice } from './detect-gaps.ts';
export {
  ApiError,
  AuthError,
  CaptureError,
  ChannelLimitError,
  ClosedError,
  GaveUpError,
  InsecureUrlError,
  NetworkError,
  OverflowError,
  RxFrameError,
  ScopeError,
  ThrottledError,
  TimeoutError,
  TlsError,
  UpgradeError,
  UrlError,
  type RxFrameErrorCode,
} from './errors.ts';
export { failureClass, type FailureClass } from './failure-class.ts';
export { Flow, type Valve } from './flow.ts';
export {
  isRejected,
  RawFrame,
  reject,
  RejectedFrame,
  type AnyFrame,
  type Decoded,
  type Issue,
  type LiveFrame,
  type Parsed,
  type Receipt,
  type RejectReason,
} from './frame.ts';
export { handover, type HandoverOptions, type HandoverState } from './handover.ts';
export { jsonType, type DataOf, type JsonTypeOptions } from './json-type.ts';
export { Meter, type Latency, type LatencyHistogram, type MeterOptions, type MeterSnapshot } from './meter.ts';
export { metrics } from './metrics.ts';
export { ofType } from './of-type.ts';
export type { ChecksumRule, PayloadType, PayloadTypeOptions } from './payload-type.ts';
export {
  definePayloadTypes,
  type DecodedFrame,
  type ParsedFrame,
  type PayloadTypeRecord,
  type PayloadTypes,
  type PayloadTypesOptions,
  type TypeLocation,
  type UnknownPolicy,
} from './payload-types.ts';
export { preselect, type PreselectOptions } from './preselect.ts';
export { processWith, type ProcessWithOptions } from './process-with.ts';
export { record, type CaptureSink } from './record.ts';
export { reconnect, type ReconnectOptions } from './reconnect.ts';
export { rejected } from './rejected.ts';
export { sha256 } from '#sha256';
export { sizeGate, type LargeFrameNotice, type SizeGateOptions } from './size-gate.ts';
export { lift, liftEach, type Stage } from './stage.ts';
export { standardType } from './standard-type.ts';
export { toAsyncIterable, type ToAsyncIterableOptions } from './to-async-iterable.ts';
export { validate, type Validated, type ValidateOptions } from './validate.ts';
export type { FormatCheck } from './validator.ts';
export { watchdog, type WatchdogOptions } from './watchdog.ts';
