import { NetworkError, type RxFrameError } from '../../operators/errors.ts';
import { apiRefusal } from './api-refusal.ts';
import { nameOf, type ApiAnswer, type SentRequest } from './api-request.ts';

/** The longest body of an answer that is read, in bytes. */
export const LONGEST_BODY = 4 * 1024 * 1024;

/**
 * **Takes the parsed body out of an answer.**
 *
 * @param body - undefined where it was too long to be read
 * @param now - the time that a date in `Retry-After` is compared with, in milliseconds since the epoch
 * @throws the error that the answer stands for, where it is no success; {@link NetworkError} where its body is too long, or no JSON
 */
export function apiAnswer(sent: SentRequest, response: Response, body: string | undefined, now: number): ApiAnswer {
  if (!response.ok) throw apiRefusal(sent, response, body, now);
  const { status } = response;
  if (body === undefined) throw unusable(sent, status, `with a body of more than ${LONGEST_BODY} bytes`);
  if (body === '') return { status, body: undefined };
  try {
    return { status, body: JSON.parse(body) as unknown };
  } catch {
    throw unusable(sent, status, 'with a body that is no JSON');
  }
}

/** No part of the answer gets into it. */
function unusable({ host, request, correlationId }: SentRequest, status: number, what: string): RxFrameError {
  return new NetworkError(
    `${host} answered the ${nameOf(request)} with ${status}, but ${what} (correlation id ${correlationId}). Check apiUrl.`,
  );
}
