import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { signRequest } from '../../src/simulator/audiohook/sign-request.ts';
import type { AudioHookCallOptions } from '../../src/simulator/index.ts';
import { drivenCall, plainServer } from './audiohook-server.ts';

const API_KEY = 'SGVsbG8sIEkgYW0gdGhlIEFQSSBrZXkh';
const SECRET = 'TXlTdXBlclNlY3JldEtleVRlbGxOby0xITJAMyM0JDU=';
const ORGANIZATION = 'd7934305-0972-4844-938e-9060eef73d05';

describe('signRequest', () => {
  it("gives the result of the platform's own example", () => {
    const headers = signRequest({
      components: [
        ['@request-target', '/api/v1/voicebiometrics/ws'],
        ['@authority', 'audiohook.example.com'],
        ['audiohook-organization-id', ORGANIZATION],
        ['audiohook-session-id', '30b0e395-84d3-4570-ac13-9a62d8f514c0'],
        ['audiohook-correlation-id', 'e160e428-53e2-487c-977d-96989bf5c99d'],
        ['x-api-key', API_KEY],
      ],
      keyId: API_KEY,
      key: Buffer.from(SECRET, 'base64'),
      nonce: 'VGhpc0lzQVVuaXF1ZU5vbmNl',
      created: 1_641_013_200,
      expires: 3_282_026_430,
    });
    expect(headers.Signature).toBe('sig1=:NZBwyBHRRyRoeLqy1IzOa9VYBuI8TgMFt2GRDkDuJh4=:');
    expect(headers['Signature-Input']).toBe(
      'sig1=("@request-target" "@authority" "audiohook-organization-id" "audiohook-session-id" ' +
        `"audiohook-correlation-id" "x-api-key");keyid="${API_KEY}";nonce="VGhpc0lzQVVuaXF1ZU5vbmNl";` +
        'alg="hmac-sha256";created=1641013200;expires=3282026430',
    );
  });
});

/** The requests that a server gets, and what the sessions say in `open`. */
async function requests(options: Partial<AudioHookCallOptions> = {}) {
  const server = await plainServer();
  const calls = drivenCall({
    url: server.url,
    apiKey: API_KEY,
    clientSecret: SECRET,
    organizationId: ORGANIZATION,
    duration: 200,
    ...options,
  });
  await calls.finish();
  return {
    headers: server.requests.map(({ headers }) => headers),
    sessions: server.sessions,
    url: new URL(server.url),
  };
}

type Headers = Awaited<ReturnType<typeof requests>>['headers'][number];

const parameter = (headers: Headers, name: string): string =>
  new RegExp(`;${name}="?([^";]+)`).exec(String(headers['signature-input']))?.[1] ?? '';

/** Whether the signature is that of the request, worked out from its headers alone. */
function isSigned(headers: Headers, url: URL): boolean {
  const input = String(headers['signature-input']).replace(/^sig1=/, '');
  const names = [...input.slice(0, input.indexOf(')')).matchAll(/"([^"]+)"/g)].map(([, name]) => name!);
  const value = (name: string): string => {
    if (name === '@request-target') return `${url.pathname}${url.search}`;
    return name === '@authority' ? url.host : String(headers[name]);
  };
  const base = [...names.map((name) => `"${name}": ${value(name)}`), `"@signature-params": ${input}`].join('\n');
  const digest = createHmac('sha256', Buffer.from(SECRET, 'base64')).update(base).digest('base64');
  return headers['signature'] === `sig1=:${digest}:`;
}

describe('the upgrade request', () => {
  it('names organization, session, correlation and key, and is signed for 30 s with a nonce of its own', async () => {
    const { headers, url } = await requests({ sessions: 3, seed: 1 });
    expect(headers).toHaveLength(3);
    const nonces = new Set(headers.map((each) => parameter(each, 'nonce')));
    expect(nonces.size).toBe(3);
    for (const name of ['audiohook-session-id', 'audiohook-correlation-id']) {
      const ids = headers.map((each) => String(each[name]));
      for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(new Set(ids).size).toBe(3);
    }
    for (const each of headers) {
      expect(each).toMatchObject({ 'audiohook-organization-id': ORGANIZATION, 'x-api-key': API_KEY });
      expect(isSigned(each, url)).toBe(true);
      expect(parameter(each, 'nonce').length).toBeGreaterThanOrEqual(22);
      expect(parameter(each, 'keyid')).toBe(API_KEY);
      const created = Number(parameter(each, 'created'));
      expect(Math.abs(created - Date.now() / 1000)).toBeLessThan(5);
      expect(Number(parameter(each, 'expires'))).toBe(created + 30);
    }
  });

  it('is not signed without a secret, or as a fault', async () => {
    for (const options of [{ clientSecret: undefined as never }, { handshake: 'unsigned' as const }]) {
      const { headers } = await requests(options);
      expect(headers[0]).toHaveProperty('x-api-key');
      expect(headers[0]).not.toHaveProperty('signature');
      expect(headers[0]).not.toHaveProperty('signature-input');
    }
  });

  it('may have a wrong signature', async () => {
    const { headers, url } = await requests({ handshake: 'wrong-signature' });
    expect(headers[0]!['signature']).toMatch(/^sig1=:[A-Za-z0-9+/]{43}=:$/);
    expect(isSigned(headers[0]!, url)).toBe(false);
  });

  it.each([
    ['expired-signature', -3600],
    ['future-signature', 3600],
  ] as const)('may be made at another time: %s', async (handshake, shift) => {
    const { headers, url } = await requests({ handshake });
    expect(isSigned(headers[0]!, url)).toBe(true);
    expect(Math.abs(Number(parameter(headers[0]!, 'created')) - Date.now() / 1000 - shift)).toBeLessThan(5);
  });

  it('may be replayed', async () => {
    const { headers, url, sessions } = await requests({ handshake: 'replayed-nonce', sessions: 2 });
    expect(isSigned(headers[0]!, url)).toBe(true);
    for (const name of ['signature', 'signature-input', 'audiohook-session-id', 'audiohook-correlation-id']) {
      expect(headers[1]![name]).toBe(headers[0]![name]);
    }
    expect(sessions[1]!.messages[0]!.id).toBe(headers[0]!['audiohook-session-id']);
  });

  it('may have a wrong key, for which the signature is right', async () => {
    const { headers, url } = await requests({ handshake: 'wrong-key' });
    expect(headers[0]!['x-api-key']).not.toBe(API_KEY);
    expect(parameter(headers[0]!, 'keyid')).toBe(headers[0]!['x-api-key']);
    expect(isSigned(headers[0]!, url)).toBe(true);
  });

  it('may have no organization, or another one in `open`', async () => {
    const without = await requests({ handshake: 'no-organization' });
    expect(without.headers[0]).not.toHaveProperty('audiohook-organization-id');
    const other = await requests({ handshake: 'other-organization' });
    expect(other.headers[0]).toHaveProperty('audiohook-organization-id', ORGANIZATION);
    expect(other.sessions[0]!.messages[0]!.parameters.organizationId).not.toBe(ORGANIZATION);
  });
});
