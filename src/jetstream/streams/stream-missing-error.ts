import { RxFrameError } from '../../../operators/errors.ts';

/** **The engine has no streams of that name.** `ensureStream` makes them. */
export class StreamMissingError extends RxFrameError {
  override readonly name = 'StreamMissingError';
  readonly code = 'ERR_STREAM_MISSING';
  /** The name that was given. */
  readonly stream: string;

  constructor(stream: string) {
    super(`there is no stream ${stream}-0: make the streams of the name ${stream} by ensureStream first`);
    this.stream = stream;
  }
}
