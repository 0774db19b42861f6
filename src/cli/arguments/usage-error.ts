/** **The command was not given what it needs**, or was given what it does not take: exit code 2, no stack. */
export class UsageError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UsageError';
  }
}
