/** What needs Node: `rxframe/node`. */
export { nodeSocket, type NodeSocketOptions } from './connection/node-socket.ts';
export { pinoAuditSink, type PinoAuditSink, type PinoAuditSinkOptions } from './telemetry/pino-audit-sink.ts';
