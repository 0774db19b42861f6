/** The connection, its reconnection, and the preset: `rxframe`. Runs in Node, browsers and workers. */
export type { ConnectionState } from '../operators/connection-state.ts';
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
} from '../operators/errors.ts';
export { failureClass, type FailureClass } from '../operators/failure-class.ts';
export { Flow } from '../operators/flow.ts';
export {
  isRejected,
  RawFrame,
  RejectedFrame,
  type AnyFrame,
  type Issue,
  type RejectReason,
} from '../operators/frame.ts';
export type { DecodedFrame, ParsedFrame } from '../operators/payload-types.ts';
export { reconnect, type ReconnectOptions } from '../operators/reconnect.ts';
export type { PerAttempt } from './auth/per-attempt.ts';
export type { TokenSource } from './auth/token-source.ts';
export type { ConnectOptions } from './connection/connect-options.ts';
export { connect } from './connection/connect.ts';
export type { HeartbeatOptions } from './connection/heartbeat.ts';
export type { OutgoingMessage, Socket, SocketEvents, SocketFactory, SocketRequest } from './connection/socket.ts';
export { frameStream, type FrameStream, type FrameStreamOptions } from './frame-stream.ts';
export { version } from './version.ts';
