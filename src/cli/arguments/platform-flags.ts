/** The flags by which a command finds the REST API of the platform. */
export const PLATFORM_FLAGS = {
  simulate: { type: 'boolean' },
  env: { type: 'string' },
  'client-id': { type: 'string' },
  'login-url': { type: 'string' },
  'api-url': { type: 'string' },
} as const;

/** Their part of a help text. */
export const PLATFORM_HELP = `Where from
  --simulate             a simulated Genesys Cloud in this process
  --env REGION           such as eu-central-1 or mypurecloud.de            GENESYS_ENV
  --client-id ID         of an OAuth client with client credentials        GENESYS_CLIENT_ID
                         its secret, never a flag                          GENESYS_CLIENT_SECRET
  --login-url URL        another login server than the region's            GENESYS_LOGIN_URL
  --api-url URL          another REST API than the region's                GENESYS_API_URL
  Each is taken from the flags, else the environment, else the file .env in this folder.
  http:// is for loopback only.`;
