import { printable } from './printable.ts';

/** What {@link RxFrameError.code} may be. `docs/errors.md` has a line for each: its cause, and what to do. */
export type RxFrameErrorCode =
  | 'ERR_AUTH'
  | 'ERR_SCOPE'
  | 'ERR_THROTTLED'
  | 'ERR_UPGRADE'
  | 'ERR_API'
  | 'ERR_INSECURE'
  | 'ERR_URL'
  | 'ERR_TLS'
  | 'ERR_NETWORK'
  | 'ERR_TIMEOUT'
  | 'ERR_CLOSED'
  | 'ERR_GAVE_UP'
  | 'ERR_OVERFLOW'
  | 'ERR_CHANNEL_LIMIT'
  | 'ERR_CAPTURE'
  | 'ERR_STREAM_MISSING'
  | 'ERR_STREAM_CHANGE'
  | 'ERR_GROUP'
  | 'ERR_DEAD_LETTER'
  | 'ERR_ID_IN_USE';

/** **The base of every error that this package raises by itself.** Options that make no sense are `TypeError`s and `RangeError`s instead. */
export abstract class RxFrameError extends Error {
  abstract readonly code: RxFrameErrorCode;
  /** Written out, because a minifier renames classes. */
  abstract override readonly name: string;
  /**
   * For how long the connection that failed had been open, in milliseconds; 0 where it never was, undefined where the
   * error is not `connect`'s. `reconnect` tells by it whether the connection was stable.
   */
  openFor: number | undefined;
}

/** **The server did not accept who we are**: the token endpoint gave no token, the upgrade was answered with 401 or 403, or a REST call with 401. */
export class AuthError extends RxFrameError {
  override readonly name = 'AuthError';
  readonly code = 'ERR_AUTH';
  /** HTTP status of the refusal. */
  readonly status: number;
  /** The `error` member of the OAuth answer (RFC 6749 section 5.2), where there was one. */
  readonly oauthError: string | undefined;

  constructor(message: string, status: number, oauthError?: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
    this.oauthError = oauthError;
  }
}

/** **The server granted less than was asked for.** Trying again does not help: the OAuth client's roles or scopes need a change. */
export class ScopeError extends RxFrameError {
  override readonly name = 'ScopeError';
  readonly code = 'ERR_SCOPE';
  /** The scopes that were asked for and not granted. */
  readonly missing: readonly string[];

  constructor(message: string, missing: readonly string[]) {
    super(message);
    this.missing = missing;
  }
}

/** **The server asks for patience**: 429, or 503 with `Retry-After`; over REST any 5xx with it. */
export class ThrottledError extends RxFrameError {
  override readonly name = 'ThrottledError';
  readonly code = 'ERR_THROTTLED';
  readonly status: number;
  /** How long the server wants us to wait, in milliseconds; `undefined` where it did not say. */
  readonly retryAfter: number | undefined;

  constructor(message: string, status: number, retryAfter: number | undefined) {
    super(message);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/** **The server answered the upgrade with another status than 101**, which is none of those with an error of their own. */
export class UpgradeError extends RxFrameError {
  override readonly name = 'UpgradeError';
  readonly code = 'ERR_UPGRADE';
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

/**
 * **A REST call was refused**, for a reason that none of the other errors stands for: what was asked for is wrong, is not
 * there, or is not permitted. Trying again does not help.
 *
 * A 403 is one, too: the token is good, so that a new one would be refused like it. The message has what the server says is
 * missing.
 */
export class ApiError extends RxFrameError {
  override readonly name = 'ApiError';
  readonly code = 'ERR_API';
  /** HTTP status of the refusal. */
  readonly status: number;
  /** The `code` member of the answer, such as `not.found`. */
  readonly platformCode: string | undefined;
  /** The `contextId` member of the answer, by which the server's operator finds the call. */
  readonly contextId: string | undefined;
  /** The id by which the call is found in the logs of both sides. */
  readonly correlationId: string | undefined;

  constructor(message: string, facts: Pick<ApiError, 'status' | 'platformCode' | 'contextId' | 'correlationId'>) {
    super(message);
    this.status = facts.status;
    this.platformCode = facts.platformCode;
    this.contextId = facts.contextId;
    this.correlationId = facts.correlationId;
  }
}

/** **A token would have travelled unencrypted** to a host that is not this machine. */
export class InsecureUrlError extends RxFrameError {
  override readonly name = 'InsecureUrlError';
  readonly code = 'ERR_INSECURE';
}

/** **That is no address of what was to be reached there**: no WebSocket address, one without a token endpoint, or a REST call that is answered with a redirect. */
export class UrlError extends RxFrameError {
  override readonly name = 'UrlError';
  readonly code = 'ERR_URL';
}

/** **The server's certificate does not verify**, so that we do not know whom we talk to. */
export class TlsError extends RxFrameError {
  override readonly name = 'TlsError';
  readonly code = 'ERR_TLS';
}

/** **DNS, TCP, or a peer that does not do its part**: the connection could not be made, or broke; or the token endpoint or a REST call answered 5xx. */
export class NetworkError extends RxFrameError {
  override readonly name = 'NetworkError';
  readonly code = 'ERR_NETWORK';
}

/** **Nothing came in time**: `during` says what was waited for. */
export class TimeoutError extends RxFrameError {
  override readonly name = 'TimeoutError';
  readonly code = 'ERR_TIMEOUT';
  readonly during: 'handshake' | 'heartbeat' | 'silence' | 'token' | 'request';
  /** How long was waited, in milliseconds. */
  readonly timeout: number;

  constructor(message: string, during: TimeoutError['during'], timeout: number, options?: ErrorOptions) {
    super(message, options);
    this.during = during;
    this.timeout = timeout;
  }
}

/** **The connection was closed**, by the server or by a loss of TCP (1006). */
export class ClosedError extends RxFrameError {
  override readonly name = 'ClosedError';
  readonly code = 'ERR_CLOSED';
  /** The close code of RFC 6455 section 7.4: 1006 where no close frame came. */
  readonly closeCode: number;
  readonly reason: string;

  constructor(closeCode: number, reason: string, options?: ErrorOptions) {
    super(
      `The connection was closed with code ${closeCode}${reason === '' ? '' : ` (${printable(reason)})`}.`,
      options,
    );
    this.closeCode = closeCode;
    this.reason = reason;
  }
}

/** **`reconnect` tried as often as it was allowed to.** `cause` is the last failure. */
export class GaveUpError extends RxFrameError {
  override readonly name = 'GaveUpError';
  readonly code = 'ERR_GAVE_UP';
  /** How many attempts in a row failed. */
  readonly attempts: number;

  constructor(message: string, attempts: number, cause: unknown) {
    super(message, { cause });
    this.attempts = attempts;
  }
}

/** **A consumer was too slow**, the socket could not be paused, and the overflow policy is `'error'`. */
export class OverflowError extends RxFrameError {
  override readonly name = 'OverflowError';
  readonly code = 'ERR_OVERFLOW';
}

/** **There are as many notification channels as the platform allows**: another one would end one of them. */
export class ChannelLimitError extends RxFrameError {
  override readonly name = 'ChannelLimitError';
  readonly code = 'ERR_CHANNEL_LIMIT';
  /** How many there are. */
  readonly channels: number;

  constructor(message: string, channels: number) {
    super(message);
    this.channels = channels;
  }
}

/** **A file can't be replayed**: it is damaged, neither a capture nor a HAR file, or a pipe. */
export class CaptureError extends RxFrameError {
  override readonly name = 'CaptureError';
  readonly code = 'ERR_CAPTURE';
  readonly file: string;
  /** Where the damage is, in bytes from the start; undefined where it is the whole file. */
  readonly offset: number | undefined;

  constructor(message: string, file: string, offset?: number, options?: ErrorOptions) {
    super(message, options);
    this.file = file;
    this.offset = offset;
  }
}
