import { sha256 } from '#sha256';
import type { LiveFrame } from './frame.ts';

/**
 * What makes two frames the same event: the identity that the payload type gives (once the frame is validated), or the
 * digest of the payload.
 */
export function identityOf(frame: LiveFrame): string {
  const own = frame.kind === 'parsed' ? frame.definition?.identity?.(frame.decodedData, frame) : undefined;
  if (own === undefined) return sha256(frame.rawData, 'base64');
  const { payloadType } = frame as { readonly payloadType: string };
  // With its length, so that no other name and identity read the same when they are put together.
  return `${payloadType.length}:${payloadType}:${own}`;
}
