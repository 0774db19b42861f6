import type { MsgHdrs } from '@nats-io/transport-node';

/** The headers of a message; undefined where it has none, or where somebody else has published what the client can't read. */
export function headersOf(message: { readonly headers?: MsgHdrs | undefined }): MsgHdrs | undefined {
  try {
    return message.headers;
  } catch {
    return undefined;
  }
}
