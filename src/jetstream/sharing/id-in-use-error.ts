import { RxFrameError } from '../../../operators/errors.ts';

/** **Another process that lives is a member of the group under that id.** Each needs one of its own. */
export class IdInUseError extends RxFrameError {
  override readonly name = 'IdInUseError';
  readonly code = 'ERR_ID_IN_USE';
  readonly group: string;
  readonly id: string;

  constructor(group: string, id: string) {
    super(
      `Another process is the member ${id} of the group ${group}. Give each process an id of its own, such as its host's name and its process id.`,
    );
    this.group = group;
    this.id = id;
  }
}
