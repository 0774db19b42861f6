/** What needs Node: `rxframe/node`. */
export {
  captureFile,
  type CaptureFile,
  type CaptureFileOptions,
  type CaptureRotation,
} from './capture/capture-file.ts';
export { replay, type CutOffNotice, type ReplayOptions, type ReplayProgress } from './capture/replay.ts';
export { nodeSocket, type NodeSocketOptions } from './connection/node-socket.ts';
export { writeWav, type WavFile, type WriteWavOptions } from './genesys/audiohook/write-wav.ts';
export { inspect, type InspectOptions, type InspectedStream, type Inspector } from './inspector/inspect.ts';
export type { AuditFault, AuditFaultKind, AuditPlace, TornLine } from './telemetry/chain-check.ts';
export type { AuditRotateOptions } from './telemetry/file-rotation.ts';
export { NotChainedError } from './telemetry/not-chained-error.ts';
export {
  verifyAudit,
  type AuditVerdict,
  type VerifyAuditOptions,
  type VerifyAuditProgress,
} from './telemetry/verify-audit.ts';
export { pinoAuditSink, type PinoAuditSink, type PinoAuditSinkOptions } from './telemetry/pino-audit-sink.ts';
export {
  openTelemetryMetrics,
  type OpenTelemetryMeter,
  type OpenTelemetryMetricsOptions,
} from './telemetry/open-telemetry-metrics.ts';
export {
  prometheusMetrics,
  type PrometheusMetricsOptions,
  type PrometheusRegistry,
} from './telemetry/prometheus-metrics.ts';
export { serveMetrics, type MetricsServer, type ServeMetricsOptions } from './telemetry/serve-metrics.ts';
