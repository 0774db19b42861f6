import type { Simulator } from 'rxframe/simulator';

/** A token of the simulator, as an application would get it. */
export async function accessToken({ loginUrl, clientId, clientSecret }: Simulator): Promise<string> {
  const response = await fetch(`${loginUrl}/oauth/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret }),
  });
  return ((await response.json()) as { readonly access_token: string }).access_token;
}
