/** What needs Node: `rxframe/node`. */
export { nodeSocket, type NodeSocketOptions } from './connection/node-socket.ts';
export { writeWav, type WavFile, type WriteWavOptions } from './genesys/audiohook/write-wav.ts';
export { pinoAuditSink, type PinoAuditSink, type PinoAuditSinkOptions } from './telemetry/pino-audit-sink.ts';
