import { AuthError, ScopeError } from '../../../operators/errors.ts';
import { clientCredentials, type ClientCredentialsOptions } from '../../auth/client-credentials.ts';
import type { Finding } from './checklist.ts';
import { StepProblem } from './step-problem.ts';

/**
 * **Asks for a token with the scopes that the streaming endpoint needs.** Notification channels go by the roles of the OAuth
 * client, so that a scope that is not granted does not keep anybody from them.
 *
 * @throws StepProblem where a scope is not granted; the error of the login server
 */
export async function checkScopes(credentials: ClientCredentialsOptions): Promise<Finding<string>> {
  try {
    const found = await clientCredentials(credentials).token();
    return { found, detail: 'none that the streaming endpoint needs is missing' };
  } catch (error) {
    if (!isAboutScopes(error)) throw error;
    throw new StepProblem(
      'skipped',
      error.message,
      'Only the streaming endpoint needs these, for rxframe listen without --notifications; channels go by roles.',
    );
  }
}

function isAboutScopes(error: unknown): error is ScopeError | AuthError {
  return error instanceof ScopeError || (error instanceof AuthError && error.oauthError === 'invalid_scope');
}
