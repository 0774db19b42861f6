import { describe, expect, it } from 'vitest';
import { natsWishes } from '../../src/cli/arguments/nats-flags.ts';
import { UsageError } from '../../src/cli/arguments/usage-error.ts';
import { SECRET } from './server.ts';

const nobody = { user: undefined, password: undefined, token: undefined };

describe('natsWishes', () => {
  it('is a server on this machine, where nothing is said', () => {
    expect(natsWishes({}, {})).toEqual({
      servers: ['127.0.0.1:4222'],
      isEncrypted: false,
      ca: undefined,
      creds: undefined,
      ...nobody,
      onlyThese: false,
    });
  });

  it.each([
    ['nats://127.0.0.1', ['127.0.0.1:4222'], false],
    ['nats://nats-1:4223, nats://nats-2/', ['nats-1:4223', 'nats-2:4222'], false],
    ['nats://[::1]:4223', ['[::1]:4223'], false],
    ['tls://nats.example.org:443', ['nats.example.org:443'], true],
    ['nats://a:80', ['a:80'], false],
  ])('takes %s', (nats, servers, isEncrypted) => {
    expect(natsWishes({ nats }, {})).toMatchObject({ servers, isEncrypted, onlyThese: false });
  });

  it('asks for TLS where the authority of the certificates is named', () => {
    expect(natsWishes({ nats: 'nats://a', 'nats-ca': 'ca.pem' }, {})).toMatchObject({
      isEncrypted: true,
      ca: 'ca.pem',
    });
  });

  it('takes a flag before a variable, and an empty variable for none', () => {
    const environment = { NATS_URL: 'nats://of-environment', NATS_CREDS: 'of-environment.creds', NATS_TOKEN: '' };
    expect(natsWishes({ nats: 'nats://of-flag', 'nats-creds': 'of-flag.creds' }, environment)).toMatchObject({
      servers: ['of-flag:4222'],
      creds: 'of-flag.creds',
      ...nobody,
    });
    expect(natsWishes({}, environment)).toMatchObject({
      servers: ['of-environment:4222'],
      creds: 'of-environment.creds',
    });
  });

  it.each([
    [{ NATS_URL: 'tls://me:p%40ss@a,tls://me:p%40ss@b' }, { user: 'me', password: 'p@ss', token: undefined }],
    [{ NATS_URL: 'tls://me:p@a,tls://b' }, { user: 'me', password: 'p', token: undefined }],
    [{ NATS_URL: 'tls://abc@a' }, { user: undefined, password: undefined, token: 'abc' }],
    [
      { NATS_URL: 'tls://a', NATS_USER: 'me', NATS_PASSWORD: 'p' },
      { user: 'me', password: 'p', token: undefined },
    ],
    [
      { NATS_URL: 'tls://a', NATS_TOKEN: 'abc' },
      { user: undefined, password: undefined, token: 'abc' },
    ],
  ])('knows who we are by %j', (environment, who) => {
    expect(natsWishes({}, environment)).toMatchObject(who);
  });

  const credentials = { NATS_USER: 'me', NATS_PASSWORD: SECRET };
  it.each([
    ['nats://127.0.0.1', {}, true],
    ['nats://localhost', {}, true],
    ['nats://[::1]', {}, true],
    ['tls://nats.example.org', {}, false],
    ['nats://nats.example.org', { 'nats-ca': 'ca.pem' }, false],
    ['nats://nats.example.org', { 'nats-insecure': true }, false],
  ])(
    'lets a password go to %s with %j, and to no other server that this one names where it can be read',
    (nats, flags, onlyThese) => {
      expect(natsWishes({ nats, ...flags }, credentials)).toMatchObject({ password: SECRET, onlyThese });
    },
  );

  it.each([
    [
      { nats: 'nats://nats.example.org' },
      credentials,
      'over TLS or to loopback only, not to nats://nats.example.org:4222',
    ],
    [{ nats: 'nats://127.0.0.1,nats://127.0.0.1.example.org' }, { NATS_TOKEN: SECRET }, 'example.org:4222. Use tls://'],
    [{}, { NATS_URL: `nats://me:${SECRET}@nats.example.org` }, 'not to nats://nats.example.org:4222'],
    [{ nats: `tls://me:${SECRET}@nats.example.org` }, {}, "--nats: a secret can't be given as a flag"],
    [{ nats: `tls://${SECRET}@nats.example.org` }, {}, 'Put it into NATS_URL'],
    [{ nats: '' }, {}, '--nats must be addresses such as nats://127.0.0.1:4222'],
    [{ nats: 'nats.example.org' }, {}, '--nats must be addresses such as nats://127.0.0.1:4222'],
    [{ nats: 'nats://' }, {}, 'one of them is none'],
    [{ nats: 'nats://a,' }, {}, 'one of them is none'],
    [{}, { NATS_URL: 'wss://nats.example.org' }, 'NATS_URL must be addresses'],
    [{ nats: 'nats://a/b' }, {}, '--nats: nothing stands behind the host and the port, as in nats://a'],
    [{ nats: `nats://a?token=${SECRET}` }, {}, '--nats: nothing stands behind the host and the port, as in nats://a'],
    [{ nats: 'nats://a,tls://b' }, {}, '--nats: all servers start with tls://, or none'],
    [{}, { NATS_URL: `tls://me:${SECRET}@a,tls://you:${SECRET}@b` }, 'all servers have the same user and password'],
    [{}, { NATS_USER: 'me' }, 'NATS_USER goes with NATS_PASSWORD'],
    [{}, { NATS_PASSWORD: SECRET }, 'NATS_USER goes with NATS_PASSWORD'],
    [
      { 'nats-creds': 'a' },
      { NATS_TOKEN: SECRET },
      'NATS is given a token and a credentials file: leave out all but one',
    ],
  ])('refuses %j with %j, and shows no secret', (flags, environment, message) => {
    let error: unknown;
    try {
      natsWishes(flags, environment);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(UsageError);
    expect((error as Error).message).toContain(message);
    expect((error as Error).message).not.toContain(SECRET);
  });
});
