/** What became of a message in a hand-written function: accepted where there is no `reason`. */
export class HandOutcome<Message> {
  readonly message: Message;
  readonly payloadType: string | undefined;
  readonly decodedData: unknown;
  readonly checksumValid: boolean | undefined;
  readonly stage: string | undefined;
  readonly reason: string | undefined;
  readonly issue: string | undefined;

  constructor(
    message: Message,
    payloadType: string | undefined,
    decodedData: unknown,
    checksumValid: boolean | undefined,
    stage?: string,
    reason?: string,
    issue?: string,
  ) {
    this.message = message;
    this.payloadType = payloadType;
    this.decodedData = decodedData;
    this.checksumValid = checksumValid;
    this.stage = stage;
    this.reason = reason;
    this.issue = issue;
  }
}

/** Rejected before its type was known. */
export function rejection<Message>(
  message: Message,
  stage: string,
  reason: string,
  issue: string,
): HandOutcome<Message> {
  return new HandOutcome(message, undefined, undefined, undefined, stage, reason, issue);
}

/** Rejected by the schema of its type. */
export function violation<Message>(
  message: Message,
  type: string,
  data: unknown,
  issue = 'not as the schema says',
): HandOutcome<Message> {
  return new HandOutcome(message, type, data, undefined, 'validate', 'schema', issue);
}
