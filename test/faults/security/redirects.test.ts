import { connect as connectTcp, type AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { reconnect } from '../../../operators/reconnect.ts';
import { clientCredentials } from '../../../src/auth/client-credentials.ts';
import { connect } from '../../../src/connection/connect.ts';
import { give, tokenServer } from '../../auth/token-server.ts';
import { record, States } from '../../connection/record.ts';
import { tcpServer, type Endpoint } from '../../connection/servers.ts';
import { shown } from '../shown.ts';

const SECRET = 'cafe-redirect-0123456789';
const STATUSES = [300, 301, 302, 303, 305, 307, 308];

/** Where a redirect leads: a server that would take anything, and answers nothing. */
const elsewhere = () => tcpServer(() => undefined);

/**
 * Fails where anybody but us has connected to a server so far: connections are accepted in the order in which they were
 * made, so that ours, made now, would come after.
 */
async function expectUntouched({ url, accepted }: Endpoint): Promise<void> {
  const { hostname, port } = new URL(url);
  const ours = connectTcp(Number(port), hostname);
  const first = await accepted.until(1);
  expect(first.remotePort).toBe((ours.address() as AddressInfo).port);
  ours.destroy();
}

/** The forms that an address in `Location` may have. */
const FORMS: readonly (readonly [form: string, location: (host: string) => string])[] = [
  ['ws://', (host) => `ws://${host}/feed`],
  ['http://', (host) => `http://${host}/feed?next=1`],
  ['no scheme', (host) => `//${host}/feed`],
  ['a user and a password', (host) => `ws://user:word@${host}/feed`],
];

describe('a redirect at the upgrade', () => {
  const cases = STATUSES.flatMap((status) => FORMS.map(([form, location]) => [status, form, location] as const));

  it.for(cases)('with %i to an address with %s is fatal, and nothing arrives there', async ([status, , location]) => {
    const target = await elsewhere();
    const requests: string[] = [];
    const server = await tcpServer((socket, request) => {
      requests.push(request);
      socket.end(
        `HTTP/1.1 ${status} Elsewhere\r\nLocation: ${location(new URL(target.url).host)}\r\nContent-Length: 0\r\n\r\n`,
      );
    });
    const state = new States();
    const url = server.url.replace('://', `://user:${SECRET}@`);
    const headers = { cookie: `session=${SECRET}` };
    const frames$ = connect({ url, token: SECRET, headers, state }).pipe(reconnect({ state, initialDelay: 0 }));
    const error = await record(frames$).ended;
    expect(error).toMatchObject({ code: 'ERR_UPGRADE', status });
    expect(shown(error)).not.toContain(SECRET);
    expect(state.statuses).toEqual(['connecting', 'closed', 'failed']);
    expect(requests).toHaveLength(1);
    await expectUntouched(target);
  });

  it('to another path of the same server is not followed either', async () => {
    const requests: string[] = [];
    const server = await tcpServer((socket, request) => {
      requests.push(request.split('\r\n', 1)[0]!);
      socket.end('HTTP/1.1 307 Elsewhere\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n');
    });
    await record(connect({ url: server.url, token: SECRET }).pipe(reconnect())).ended;
    expect(requests).toEqual(['GET /feed HTTP/1.1']);
  });

  it('is told from an answer that only has a Location', async () => {
    const target = await elsewhere();
    const server = await tcpServer((socket) => {
      socket.end(`HTTP/1.1 404 No\r\nLocation: ${target.url}\r\nRefresh: 0; url=${target.url}\r\n\r\n`);
    });
    expect(await record(connect({ url: server.url, token: SECRET })).ended).toMatchObject({ status: 404 });
    await expectUntouched(target);
  });
});

describe('a redirect of the token request', () => {
  const cases = STATUSES.flatMap((status) => (['header', 'body'] as const).map((place) => [status, place] as const));

  it.for(cases)(
    'with %i is an error, and the secret in the %s arrives nowhere else',
    async ([status, credentialsIn]) => {
      const target = await elsewhere();
      const location = `http://${new URL(target.url).host}/oauth/token`;
      const server = await tokenServer((response) => give(response, status, '', { location }));
      const { loginUrl } = server;
      const source = clientCredentials({ loginUrl, clientId: 'id', clientSecret: SECRET, credentialsIn });
      const error: unknown = await source.token().catch((failure: unknown) => failure);
      expect(error).toMatchObject({ code: 'ERR_URL' });
      expect(shown(error)).not.toContain(SECRET);
      expect(server.requests).toHaveLength(1);
      await expectUntouched(target);
    },
  );
});
