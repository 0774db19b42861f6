import { setTimeout as delay } from 'node:timers/promises';
import ky from 'ky';
import { TimeoutError } from '../../../operators/errors.ts';
import type { LiveFrame } from '../../../operators/frame.ts';
import { retryAfterMs } from '../../../operators/retry-after.ts';
import { abortable } from '../../auth/abortable.ts';
import { agentHeader } from '../../auth/agent-header.ts';
import { fetchFailure } from '../../auth/fetch-failure.ts';
import { DeadLetterError } from '../../jetstream/consume/dead-letter-error.ts';
import type { Delivery } from '../../jetstream/consume/delivery.ts';
import { frameFacts } from './frame-facts.ts';
import type { FrameSink } from './frame-sink.ts';

/** What is to be asked of whom. */
export interface WebhookWishes {
  readonly url: URL;
  /** The value of the header `Authorization`. */
  readonly authorization: string | undefined;
  /** How long the answer may take, in milliseconds. */
  readonly timeout: number;
}

/** The longest `Retry-After` that is waited out here, in milliseconds. */
const LONGEST_RETRY_AFTER = 300_000;

/** Of the answers 4xx, those that do not speak of the frame: another time may do, or once somebody has mended the authorisation; so does 407, which fetch takes for a failed request. */
const NOT_OF_THE_FRAME: ReadonlySet<number> = new Set([401, 403, 408, 425, 429]);

/**
 * **Posts each frame to a webhook.** The work is done when that answers 2xx. It has failed for good where the answer is a 4xx that speaks of the
 * frame, and for now in all other cases: after the time that `Retry-After` asks for, if there is one.
 *
 * Redirects are not followed. No error shows the address beyond its host, or anything of the answer but its status.
 */
export function webhookSink(wishes: WebhookWishes): FrameSink {
  return { work: (frame, delivery) => abortable((signal) => post(wishes, frame, delivery, signal)) };
}

async function post(wishes: WebhookWishes, frame: LiveFrame, delivery: Delivery, given: AbortSignal): Promise<void> {
  const { host } = wishes.url;
  const { status, headers } = await answer(wishes, frame, delivery, given);
  if (status >= 200 && status < 300) return;
  const message = `${host} answered the webhook with ${status}`;
  if (status >= 400 && status < 500 && !NOT_OF_THE_FRAME.has(status)) throw new DeadLetterError(message);
  const retryAfter = retryAfterMs(headers.get('retry-after'), Date.now()) ?? 0;
  await delay(Math.min(retryAfter, LONGEST_RETRY_AFTER), undefined, { signal: given });
  throw new Error(message);
}

async function answer(
  { url, authorization, timeout }: WebhookWishes,
  frame: LiveFrame,
  delivery: Delivery,
  given: AbortSignal,
): Promise<Response> {
  const limit = AbortSignal.timeout(timeout);
  try {
    const response = await ky.post(url, {
      body: frame.rawData as Uint8Array<ArrayBuffer>,
      headers: {
        'Content-Type': frame.isBinary ? 'application/octet-stream' : 'application/json',
        ...agentHeader(),
        ...headersOf(frame, delivery),
        ...(authorization !== undefined && { Authorization: authorization }),
      },
      redirect: 'manual',
      retry: 0,
      signal: AbortSignal.any([given, limit]),
      throwHttpErrors: false,
      timeout: false,
    });
    // Nobody reads it, and the connection is free for the next one.
    await response.body?.cancel();
    return response;
  } catch (error) {
    if (!limit.aborted) throw fetchFailure(url.host, 'webhook request', error);
    throw new TimeoutError(`${url.host} did not answer the webhook within ${timeout} ms.`, 'request', timeout);
  }
}

/** What is known of the frame besides its payload. */
function headersOf(frame: LiveFrame, delivery: Delivery): Record<string, string> {
  const facts = frameFacts(frame, delivery);
  return {
    'Idempotency-Key': facts.messageId,
    'Rxframe-Type': facts.payloadType,
    'Rxframe-Key': facts.key,
    'Rxframe-Organization': facts.organization,
    'Rxframe-Stream': facts.stream,
    'Rxframe-Sequence': facts.sequence,
    'Rxframe-Delivery-Count': facts.deliveryCount,
    'Rxframe-Frame': facts.frameId,
    'Rxframe-Timestamp': facts.timestamp,
  };
}
