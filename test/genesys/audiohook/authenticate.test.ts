import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { authenticate, type Authentication } from '../../../src/genesys/audiohook/authenticate.ts';
import {
  credentialLookup,
  type AudioHookCredential,
  type CredentialLookup,
} from '../../../src/genesys/audiohook/credentials.ts';
import type { UpgradeRequest } from '../../../src/genesys/audiohook/message-signature.ts';
import { Nonces } from '../../../src/genesys/audiohook/nonces.ts';
import {
  API_KEY,
  CLIENT_SECRET,
  CREATED,
  EXAMPLE,
  ORGANIZATION,
  parameters,
  sign,
  UNSIGNED,
  withHeaders,
} from './signed-request.ts';

const OTHER_ORGANIZATION = '11111111-2222-3333-4444-555555555555';
const NULL_UUID = '00000000-0000-0000-0000-000000000000';
const SIGNED = [{ apiKey: API_KEY, clientSecret: CLIENT_SECRET }];
const IDENTITY = {
  organizationId: ORGANIZATION,
  sessionId: '30b0e395-84d3-4570-ac13-9a62d8f514c0',
  correlationId: 'e160e428-53e2-487c-977d-96989bf5c99d',
};

/** Decides about one request, at the time of the example. */
async function decide(
  request: UpgradeRequest,
  credentials: readonly AudioHookCredential[] | CredentialLookup = SIGNED,
  { nonces = new Nonces(), now = CREATED } = {},
): Promise<Authentication> {
  return authenticate(request, credentialLookup(credentials), nonces, { now: () => now * 1000 });
}

const refused = (reason: string) => ({ ok: false, reason });

describe('authenticate', () => {
  it('lets the documented example in, and says who it is', async () => {
    expect(await decide(EXAMPLE)).toStrictEqual({ ok: true, identity: IDENTITY });
  });

  it('lets a connection probe in, whose ids may be the null UUID', async () => {
    const ids = {
      'audiohook-session-id': NULL_UUID,
      'audiohook-organization-id': NULL_UUID,
      'audiohook-correlation-id': NULL_UUID,
    };
    expect(await decide(sign(withHeaders(UNSIGNED, ids)))).toStrictEqual({
      ok: true,
      identity: { organizationId: NULL_UUID, sessionId: NULL_UUID, correlationId: NULL_UUID },
    });
  });

  it.each(['audiohook-organization-id', 'audiohook-session-id', 'audiohook-correlation-id'])(
    'refuses a request whose %s is not there once, as a UUID, without a look at the key',
    async (name) => {
      const lookup = vi.fn<CredentialLookup>();
      const id = UNSIGNED.headers[name] as string;
      for (const value of [undefined, '', 'x', `${id}, ${id}`, [id], ` ${id}`, `${id}\n`, `{${id}}`, id.slice(1)]) {
        expect(await decide(sign(withHeaders(UNSIGNED, { [name]: value })), lookup)).toEqual(refused('identity'));
      }
      expect(lookup).not.toHaveBeenCalled();
    },
  );

  it('refuses a request without an API key', async () => {
    for (const value of [undefined, '', [API_KEY]]) {
      expect(await decide(withHeaders(EXAMPLE, { 'x-api-key': value }))).toEqual(refused('no-api-key'));
    }
  });

  it('refuses a key that nobody has, and one that another organisation has, alike', async () => {
    expect(await decide(EXAMPLE, [{ apiKey: 'other', clientSecret: CLIENT_SECRET }])).toEqual(refused('unknown-key'));
    const elsewhere = [{ ...SIGNED[0]!, organizationIds: [OTHER_ORGANIZATION] }];
    expect(await decide(EXAMPLE, elsewhere)).toEqual(refused('unknown-key'));
    expect(await decide(UNSIGNED, elsewhere)).toEqual(refused('unknown-key'));
    expect(await decide(withHeaders(EXAMPLE, { 'x-api-key': `${API_KEY}, ${API_KEY}` }))).toEqual(
      refused('unknown-key'),
    );
  });

  it('lets the organisations in that a credential names, in upper or lower case', async () => {
    const organizationIds = [OTHER_ORGANIZATION, ORGANIZATION.toUpperCase()];
    expect(await decide(EXAMPLE, [{ ...SIGNED[0]!, organizationIds }])).toMatchObject({ ok: true });
    const shouted = withHeaders(UNSIGNED, { 'audiohook-organization-id': ORGANIZATION.toUpperCase() });
    for (const id of [ORGANIZATION, ORGANIZATION.toUpperCase()]) {
      expect(await decide(sign(shouted), [{ ...SIGNED[0]!, organizationIds: [id] }])).toMatchObject({ ok: true });
    }
  });

  it('refuses a request that is not signed where the key has a secret', async () => {
    expect(await decide(UNSIGNED)).toEqual(refused('no-signature'));
  });

  it('refuses half a signature', async () => {
    for (const name of ['signature', 'signature-input']) {
      for (const value of [undefined, '']) {
        expect(await decide(withHeaders(EXAMPLE, { [name]: value }))).toEqual(refused('malformed-signature'));
      }
    }
  });

  it('refuses a signature by another secret, of another key, or of another time', async () => {
    expect(await decide(sign(UNSIGNED, { secret: 'AAAA' }))).toEqual(refused('wrong-signature'));
    expect(await decide(sign(UNSIGNED, { parameters: parameters({ keyid: 'other' }) }))).toEqual(
      refused('malformed-signature'),
    );
    expect(await decide(EXAMPLE, SIGNED, { now: CREATED + 14 })).toEqual(refused('expired'));
    expect(await decide(EXAMPLE, SIGNED, { now: CREATED - 4 })).toEqual(refused('not-yet-valid'));
  });

  it('asks for the time once the key was looked up', async () => {
    let now = CREATED * 1000;
    const lookup = credentialLookup(() => {
      now += 14_000;
      return SIGNED[0];
    });
    expect(await authenticate(EXAMPLE, lookup, new Nonces(), { now: () => now })).toEqual(refused('expired'));
  });

  it('refuses a replay, also while the first request is being decided', async () => {
    const nonces = new Nonces();
    const all = await Promise.all([1, 2, 3].map(() => decide(EXAMPLE, SIGNED, { nonces })));
    expect(all.filter(({ ok }) => ok)).toHaveLength(1);
    expect(await decide(EXAMPLE, SIGNED, { nonces, now: CREATED + 13 })).toEqual(refused('replayed'));
    const again = sign(UNSIGNED, { parameters: parameters({ created: CREATED + 1 }) });
    expect(await decide(again, SIGNED, { nonces })).toEqual(refused('replayed'));
  });

  it('remembers no nonce of a request that it refuses', async () => {
    const nonces = new Nonces(1);
    const short = { secret: 'AAAA' };
    expect(await decide(sign(UNSIGNED, short), SIGNED, { nonces })).toEqual(refused('wrong-signature'));
    expect(await decide(EXAMPLE, SIGNED, { nonces, now: CREATED + 14 })).toEqual(refused('expired'));
    expect(await decide(EXAMPLE, [{ apiKey: 'other' }], { nonces })).toEqual(refused('unknown-key'));
    expect(nonces.size).toBe(0);
    expect(await decide(EXAMPLE, SIGNED, { nonces })).toMatchObject({ ok: true });
    const next = sign(UNSIGNED, { parameters: parameters({ nonce: 'another nonce, long enough' }) });
    expect(await decide(next, SIGNED, { nonces })).toEqual(refused('too-many-nonces'));
  });

  it('needs no signature where the key has no secret, and refuses one', async () => {
    expect(await decide(UNSIGNED, [{ apiKey: API_KEY }])).toStrictEqual({ ok: true, identity: IDENTITY });
    expect(await decide(EXAMPLE, [{ apiKey: API_KEY }])).toEqual(refused('unexpected-signature'));
    const half = withHeaders(UNSIGNED, { 'signature-input': '' });
    expect(await decide(half, [{ apiKey: API_KEY }])).toEqual(refused('unexpected-signature'));
  });

  it('hands key and organisation to a lookup, and believes it', async () => {
    const lookup = vi.fn<CredentialLookup>(() => Promise.resolve({ clientSecret: CLIENT_SECRET }));
    expect(await decide(EXAMPLE, lookup)).toMatchObject({ ok: true });
    expect(lookup.mock.calls).toEqual([[API_KEY, ORGANIZATION]]);
    expect(await decide(EXAMPLE, () => undefined)).toEqual(refused('unknown-key'));
    expect(await decide(EXAMPLE, () => ({ ...SIGNED[0], organizationIds: [OTHER_ORGANIZATION] }))).toEqual(
      refused('unknown-key'),
    );
  });

  it.each<[string, CredentialLookup, string]>([
    [
      'throws',
      (key) => {
        throw new RangeError(`no row with ${key}`);
      },
      'RangeError: no row with (the API key)',
    ],
    ['rejects', (key) => Promise.reject(new Error(`${key}\n${key}`)), 'Error: (the API key)\ufffd(the API key)'],
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- a user's code may
    ['rejects with no error', (key) => Promise.reject(key), 'string'],
    [
      'gives an empty secret',
      () => ({ clientSecret: '' }),
      'RangeError: audioHook: what credentials() gave.clientSecret must be base64',
    ],
    ['gives null for a secret', () => JSON.parse('{"clientSecret":null}') as object, 'got null'],
    ['gives a secret by another name', () => ({ secret: CLIENT_SECRET }) as object, 'no option "secret"'],
    ['gives a bare secret', () => CLIENT_SECRET as unknown as object, 'must be an object, got string'],
    ['gives null', () => null as unknown as object, 'must be an object, got null'],
  ])('refuses where the lookup %s, and says why without the key', async (_, lookup, cause) => {
    const decision = await decide(EXAMPLE, lookup);
    expect(decision).toMatchObject({ ok: false, reason: 'lookup-failed' });
    expect(inspect(decision)).toContain(inspect(cause).slice(1, -1));
    expectNoSecret(decision);
  });

  it('shows no key, secret or signature, whatever it decides', async () => {
    const nonces = new Nonces();
    const requests = [
      EXAMPLE,
      EXAMPLE,
      UNSIGNED,
      sign(UNSIGNED, { secret: 'AAAA' }),
      withHeaders(EXAMPLE, { host: '' }),
    ];
    for (const credentials of [SIGNED, [{ apiKey: API_KEY }], [{ apiKey: 'other' }]]) {
      for (const request of requests) expectNoSecret(await decide(request, credentials, { nonces }));
      expectNoSecret(credentialLookup(credentials));
    }
    expectNoSecret(nonces);
  });

  it('reads the headers as Node gives them, also those that come twice', async () => {
    const headers = EXAMPLE.headers as OutgoingHttpHeaders;
    expect(await overHttp(headers)).toMatchObject({ ok: true });
    const padded = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, `  ${String(value)} \t`]));
    expect(await overHttp(padded)).toMatchObject({ ok: true });
    const reasons: string[] = [];
    for (const [name, value] of Object.entries(headers)) {
      if (name === 'host') continue;
      const decision = await overHttp({ ...headers, [name]: [value as string, value as string] });
      reasons.push(decision.ok ? 'ok' : decision.reason);
    }
    const ids = ['identity', 'identity', 'identity'];
    expect(reasons).toEqual([...ids, 'unknown-key', 'malformed-signature', 'malformed-signature']);
  });
});

describe('credentialLookup', () => {
  const check = (credentials: unknown) => () => credentialLookup(credentials as readonly AudioHookCredential[]);
  const entry = (more: object) => [{ apiKey: API_KEY, clientSecret: CLIENT_SECRET, ...more }];

  it.each<[string, unknown, string]>([
    ['no list', 'SGVsbG8', 'TypeError: audioHook: credentials must be a list or a function, got string'],
    ['an empty list', [], 'RangeError: audioHook: credentials must have at least one entry'],
    ['a bare key', [API_KEY], 'TypeError: audioHook: credentials[0] must be an object, got string'],
    ['null', [null], 'TypeError: audioHook: credentials[0] must be an object, got null'],
    ['no key', [{}], 'TypeError: audioHook: credentials[0].apiKey must be a string, got undefined'],
    ['an empty key', entry({ apiKey: '' }), 'RangeError: audioHook: credentials[0].apiKey must be printable ASCII'],
    ['a key with a space at its end', entry({ apiKey: 'a ' }), 'RangeError: audioHook: credentials[0].apiKey must be'],
    ['a key with a line break', entry({ apiKey: 'a\nb' }), 'RangeError: audioHook: credentials[0].apiKey must be'],
    ['another member', entry({ secret: '' }), 'there is no option "secret"; there are apiKey, clientSecret'],
    [
      'an empty secret',
      entry({ clientSecret: '' }),
      'RangeError: audioHook: credentials[0].clientSecret must be base64',
    ],
    [
      'a secret of zeros',
      entry({ clientSecret: 'AAAA' }),
      'RangeError: audioHook: credentials[0].clientSecret must be base64 of',
    ],
    ['a secret without padding', entry({ clientSecret: 'AA' }), 'RangeError: audioHook: credentials[0].clientSecret'],
    ['a secret that is not set', entry({ clientSecret: undefined }), 'got undefined'],
    ['a secret in bytes', entry({ clientSecret: Buffer.from('AA') }), 'got object'],
    ['organisations that are not set', entry({ organizationIds: undefined }), 'must be an array of UUIDs'],
    ['no organisations', entry({ organizationIds: [] }), 'RangeError: audioHook: credentials[0].organizationIds must'],
    ['an organisation by name', entry({ organizationIds: ['x'] }), 'organizationIds[0] must be a UUID, got "x"'],
    ['the same key twice', [...SIGNED, ...SIGNED], 'credentials[1] has the key of credentials[0]'],
    ['the same key without a secret', [...SIGNED, { apiKey: API_KEY }], 'credentials[1] has the key of credentials[0]'],
    [
      'the same key for the same organisation',
      [
        { apiKey: 'a', organizationIds: [ORGANIZATION] },
        ...entry({ organizationIds: [ORGANIZATION] }),
        ...entry({ organizationIds: [OTHER_ORGANIZATION, ORGANIZATION.toUpperCase()] }),
      ],
      'credentials[2] has the key of credentials[1]',
    ],
  ])('refuses %s, and shows no key or secret', (_, credentials, message) => {
    let thrown: unknown;
    try {
      check(credentials)();
    } catch (error) {
      thrown = error;
    }
    expect(String(thrown)).toContain(message);
    expectNoSecret(thrown);
  });

  it('finds each of many keys, one of them with a secret for each organisation', async () => {
    const lookup = credentialLookup([
      { apiKey: 'one' },
      { apiKey: 'two', clientSecret: 'AAAD', organizationIds: [ORGANIZATION] },
      { apiKey: 'two', clientSecret: 'AAAB', organizationIds: [OTHER_ORGANIZATION] },
      { apiKey: 'a key with spaces', clientSecret: 'AAAC' },
    ]);
    expect(await lookup('one', ORGANIZATION)).toEqual({});
    expect((await lookup('two', ORGANIZATION))?.clientSecret).toBe('AAAD');
    expect((await lookup('two', OTHER_ORGANIZATION))?.clientSecret).toBe('AAAB');
    expect(await lookup('two', NULL_UUID)).toBeUndefined();
    expect((await lookup('a key with spaces', NULL_UUID))?.clientSecret).toBe('AAAC');
    expect(await lookup('a key', NULL_UUID)).toBeUndefined();
    expect(await lookup('', ORGANIZATION)).toBeUndefined();
  });

  it('asks for a signature also where the secret is no member of its own', async () => {
    class Stored {
      readonly apiKey = API_KEY;
      get clientSecret() {
        return CLIENT_SECRET;
      }
    }
    expect(await decide(UNSIGNED, [new Stored()])).toEqual(refused('no-signature'));
    expect(await decide(UNSIGNED, () => new Stored())).toEqual(refused('no-signature'));
  });

  it('does not mind what becomes of the list', async () => {
    const organizationIds = [ORGANIZATION];
    const list = entry({ organizationIds });
    const lookup = credentialLookup(list);
    organizationIds[0] = OTHER_ORGANIZATION;
    list.length = 0;
    expect((await lookup(API_KEY, ORGANIZATION))?.clientSecret).toBe(CLIENT_SECRET);
  });
});

function expectNoSecret(value: unknown): void {
  const shown = inspect(value, { depth: null, showHidden: true });
  const { signature } = EXAMPLE.headers as Record<string, string>;
  for (const secret of [API_KEY, CLIENT_SECRET, signature!.slice(6, 40)]) expect(shown).not.toContain(secret);
}

/** What is decided about a request that came through a socket. */
async function overHttp(headers: OutgoingHttpHeaders): Promise<Authentication> {
  const server = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const sent = httpRequest({ host: '127.0.0.1', port, path: EXAMPLE.target, headers, agent: false });
  sent.on('error', () => undefined).end();
  const [received] = (await once(server, 'request')) as [IncomingMessage];
  sent.destroy();
  return decide({ headers: received.headers, target: received.url! });
}
