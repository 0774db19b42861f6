import { RxFrameError } from '../../../operators/errors.ts';

/** **A group is there already, and does not begin where it was asked to**: its place is what was read. Another group, or `deleteGroup`, begins anew. */
export class GroupError extends RxFrameError {
  override readonly name = 'GroupError';
  readonly code = 'ERR_GROUP';
  readonly group: string;

  constructor(group: string, message: string) {
    super(message);
    this.group = group;
  }
}
