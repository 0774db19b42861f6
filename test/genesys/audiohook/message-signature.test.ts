import { describe, expect, it } from 'vitest';
import { canonicalBase64 } from '../../../src/genesys/audiohook/canonical-base64.ts';
import {
  CLOCK_SKEW,
  LONGEST_AGE,
  messageSignature,
  verifySignature,
  type UpgradeRequest,
} from '../../../src/genesys/audiohook/message-signature.ts';
import {
  API_KEY,
  CLIENT_SECRET,
  CREATED,
  EXAMPLE,
  NONCE,
  parameters,
  sign,
  UNSIGNED,
  withHeaders,
} from './signed-request.ts';

const SECRET = Buffer.from(CLIENT_SECRET, 'base64');

function judge(request: UpgradeRequest, now = CREATED, secret: Uint8Array = SECRET): string {
  const signature = messageSignature(request);
  return signature === undefined ? 'malformed' : (verifySignature(signature, secret, now) ?? 'good');
}

/** Printable ASCII, and what must not get into a line: control characters, Latin-1, and letters that lower-case to ASCII ones. */
const CHARACTERS = [
  ...Array.from({ length: 95 }, (_, index) => String.fromCharCode(0x20 + index)),
  ...['\0', '\t', '\n', '\r', '\x7f', '\xa0', 'é', '\u0130', '\u212a'],
];

/** Every text that one changed character makes of another: replaced, deleted, put in. */
function* changes(text: string): Generator<string> {
  for (let at = 0; at <= text.length; at += 1) {
    const [before, after] = [text.slice(0, at), text.slice(at)];
    if (at < text.length) yield before + after.slice(1);
    for (const character of CHARACTERS) {
      yield before + character + after;
      if (at < text.length && character !== after[0]) yield before + character + after.slice(1);
    }
  }
}

describe('the signature of the documented example', () => {
  it('is good', () => {
    expect(judge(EXAMPLE)).toBe('good');
    expect(sign(UNSIGNED)).toEqual(EXAMPLE);
  });

  it.each(Object.keys(EXAMPLE.headers))('is good with no changed character in %s', (name) => {
    const value = EXAMPLE.headers[name] as string;
    const good = [...changes(value)].filter((changed) => judge(withHeaders(EXAMPLE, { [name]: changed })) === 'good');
    // Upper and lower case are the same host; nothing else is the same anything.
    expect(good.filter((changed) => name !== 'host' || changed.toLowerCase() !== value)).toEqual([]);
    expect(good).toHaveLength(name === 'host' ? value.replaceAll('.', '').length : 0);
  });

  it('is good with no changed character in the request target', () => {
    const good = [...changes(EXAMPLE.target)].filter((target) => judge({ ...EXAMPLE, target }) === 'good');
    expect(good).toEqual([]);
  });

  it('needs each of its headers, with something in it, and once', () => {
    for (const [name, value] of Object.entries(EXAMPLE.headers)) {
      expect(judge(withHeaders(EXAMPLE, { [name]: undefined }))).toBe('malformed');
      expect(judge(withHeaders(EXAMPLE, { [name]: '' }))).toBe('malformed');
      expect(judge(withHeaders(EXAMPLE, { [name]: [value as string] }))).toBe('malformed');
      expect(judge(withHeaders(EXAMPLE, { [name]: `${String(value)}, ${String(value)}` }))).not.toBe('good');
    }
  });

  it('is good with no other secret', () => {
    for (let at = 0; at < SECRET.length; at += 1) {
      const other = Uint8Array.from(SECRET);
      other[at]! ^= 1;
      expect(judge(EXAMPLE, CREATED, other)).toBe('wrong-signature');
    }
    expect(judge(EXAMPLE, CREATED, SECRET.subarray(1))).toBe('wrong-signature');
    expect(judge(EXAMPLE, CREATED, new Uint8Array())).toBe('wrong-signature');
  });
});

describe('messageSignature', () => {
  it('takes any label, any order of components, and any order of parameters', () => {
    const names = ['x-api-key', '@authority', 'audiohook-session-id', 'audiohook-correlation-id'];
    const components = `(${[...names, '@request-target', 'audiohook-organization-id'].map((name) => `"${name}"`).join(' ')})`;
    expect(judge(sign(UNSIGNED, { label: '*a-1_b.c*', components }))).toBe('good');
    const turned = parameters().slice(1).split(';').reverse().join(';');
    expect(judge(sign(UNSIGNED, { parameters: `;${turned}` }))).toBe('good');
  });

  it('takes a query, and a key with what strings escape', () => {
    expect(judge(sign({ ...UNSIGNED, target: '/ws?a=1&b=%20' }))).toBe('good');
    const request = withHeaders(UNSIGNED, { 'x-api-key': 'a "key"; with=\\ (all)' });
    expect(judge(sign(request, { parameters: parameters({ keyid: 'a \\"key\\"; with=\\\\ (all)' }) }))).toBe('good');
    expect(judge(sign(request, { parameters: parameters({ keyid: 'a \\"key\\"; with=\\\\ \\(all)' }) }))).toBe(
      'malformed',
    );
  });

  it('gives the nonce without its escapes', () => {
    const nonce = String.raw`\"\\`.repeat(11);
    const signature = messageSignature(sign(UNSIGNED, { parameters: parameters({ nonce }) }));
    expect(signature?.nonce).toBe('"\\'.repeat(11));
    expect(judge(sign(UNSIGNED, { parameters: parameters({ nonce: nonce.slice(2) }) }))).toBe('malformed');
  });

  it.each([
    ['Audiohook.Example.COM', 'audiohook.example.com'],
    ['audiohook.example.com:443', 'audiohook.example.com'],
    ['audiohook.example.com:80', 'audiohook.example.com'],
    ['audiohook.example.com:8443', 'audiohook.example.com:8443'],
    ['audiohook.example.com:4430', 'audiohook.example.com:4430'],
    ['127.0.0.1:3000', '127.0.0.1:3000'],
    ['[::1]:443', '[::1]'],
    ['[fe80::80]', '[fe80::80]'],
  ])('takes the host %s for %s', (host, authority) => {
    expect(judge(sign(withHeaders(UNSIGNED, { host }), { authority }))).toBe('good');
  });

  const six =
    '"@request-target" "@authority" "audiohook-organization-id" "audiohook-session-id" "audiohook-correlation-id"';
  it.each([
    ['one is missing', `(${six})`],
    ['one is there twice', `(${six} "x-api-key" "x-api-key")`],
    ['one is there instead of another', `(${six} "@authority")`],
    ['there is another', `(${six} "x-api-key" "host")`],
    ['one has a parameter', `(${six} "x-api-key";sf)`],
    ['there are two spaces', `(${six}  "x-api-key")`],
    ['there is a space first', `( ${six} "x-api-key")`],
    ['there is a space last', `(${six} "x-api-key" )`],
    ['one is a token', `(${six} x-api-key)`],
    ['one is in upper case', `(${six} "X-Api-Key")`],
    ['there are none', '()'],
  ])('takes no list of components where %s', (_, components) => {
    expect(judge(sign(UNSIGNED, { components }))).toBe('malformed');
  });

  it.each([
    ['no key', parameters().replace(/;keyid="[^"]*"/, '')],
    ['no nonce', parameters().replace(/;nonce="[^"]*"/, '')],
    ['no algorithm', parameters().replace(/;alg="[^"]*"/, '')],
    ['no creation', parameters().replace(/;created=\d+/, '')],
    ['no expiry', parameters().replace(/;expires=\d+/, '')],
    ['nothing', ''],
    ['a key twice', `${parameters()};keyid="${API_KEY}"`],
    ['a creation twice', `${parameters()};created=${CREATED}`],
    ['an unknown one', `${parameters()};tag="app"`],
    ['an unknown one without a value', `${parameters()};sf`],
    ['another key', parameters({ keyid: 'other' })],
    ['a short nonce', parameters({ nonce: NONCE.slice(0, 21) })],
    ['another algorithm', parameters({ alg: 'hmac-sha512' })],
    ['an algorithm in upper case', parameters({ alg: 'HMAC-SHA256' })],
    ['a creation with a fraction', parameters({ created: `${CREATED}.0` })],
    ['a creation with a leading zero', parameters({ created: `0${CREATED}` })],
    ['a negative creation', parameters({ created: -1 })],
    ['a creation in quotes', parameters({ created: `"${CREATED}"` })],
    ['an expiry in exponents', parameters({ expires: '3e9' })],
    ['an expiry of 16 digits', parameters({ expires: '3282026430000000' })],
    ['a space after a semicolon', parameters().replace(';nonce', '; nonce')],
    ['a space around an equals sign', parameters().replace('nonce=', 'nonce =')],
    ['a name in upper case', parameters().replace('nonce', 'Nonce')],
    ['a token for a string', parameters().replace('"hmac-sha256"', 'hmac-sha256')],
    ['a second signature after it', `${parameters()}, sig2=()`],
  ])('takes no parameters with %s', (_, written) => {
    expect(judge(sign(UNSIGNED, { parameters: written }))).toBe('malformed');
  });

  it.each(['Sig1', '1sig', '', 'sig 1', 'sïg'])('takes no label %j', (label) => {
    expect(judge(sign(UNSIGNED, { label }))).toBe('malformed');
  });

  it('takes no second signature, and no label in one header only', () => {
    const { signature, 'signature-input': input } = EXAMPLE.headers as Record<string, string>;
    const twice = { signature: `${signature!}, sig2=::`, 'signature-input': `${input!}, sig2=()` };
    expect(judge(withHeaders(EXAMPLE, twice))).toBe('malformed');
    expect(judge(withHeaders(EXAMPLE, { signature: signature!.replace('sig1', 'sig2') }))).toBe('malformed');
    expect(judge(withHeaders(EXAMPLE, { signature: `${signature!};x=1` }))).toBe('malformed');
  });

  it.each([
    ['31 bytes', Buffer.alloc(31).toString('base64')],
    ['33 bytes', Buffer.alloc(33).toString('base64')],
    ['none', ''],
    ['the alphabet of URLs', Buffer.alloc(32, 0xff).toString('base64url')],
    ['hex', '0'.repeat(64)],
  ])('takes no HMAC of %s', (_, digest) => {
    expect(judge(withHeaders(EXAMPLE, { signature: `sig1=:${digest}:` }))).toBe('malformed');
  });

  it('puts nothing into a line that could end it', () => {
    const header = withHeaders(UNSIGNED, { 'audiohook-session-id': 'a\n"x-api-key": b' });
    expect(judge(sign(header))).toBe('malformed');
    expect(judge(sign({ ...UNSIGNED, target: '/ws\n"@authority": b' }))).toBe('malformed');
    expect(judge(sign(withHeaders(UNSIGNED, { host: 'a\n"@authority": b' })))).toBe('malformed');
  });

  it('is quick with what is meant to be slow', () => {
    const long = 16_384;
    for (const input of [
      `sig1=(${'"x" '.repeat(long / 4)})${parameters()}`,
      `sig1=()${';keyid="'.repeat(long / 8)}`,
      `sig1=();keyid="${'\\'.repeat(long)}`,
      'a'.repeat(long),
      `sig1=${'('.repeat(long)}`,
    ]) {
      const start = performance.now();
      expect(judge(withHeaders(EXAMPLE, { 'signature-input': input, signature: input }))).toBe('malformed');
      expect(performance.now() - start).toBeLessThan(50);
    }
  });
});

describe('verifySignature', () => {
  const at = (now: number, created: number, expires: number) =>
    judge(sign(UNSIGNED, { parameters: parameters({ created, expires }) }), now);

  it('has the figures of the reference server', () => {
    expect([LONGEST_AGE, CLOCK_SKEW]).toEqual([10, 3]);
  });

  it.each([
    ['created now', 0, 30, 'good'],
    ['created ahead of the clock by the skew', 3, 30, 'good'],
    ['created ahead of the clock by more', 4, 30, 'not-yet-valid'],
    ['as old as may be, and the skew', -13, 30, 'good'],
    ['older', -14, 30, 'expired'],
    ['expired by the skew', -5, -3, 'good'],
    ['expired by more', -5, -4, 'expired'],
    ['of no life', 0, 0, 'good'],
  ])('judges one that is %s', (_, created, expires, verdict) => {
    expect(at(CREATED, CREATED + created, CREATED + expires)).toBe(verdict);
  });

  it('judges to the fraction of a second', () => {
    expect(at(CREATED + 13.001, CREATED, CREATED + 30)).toBe('expired');
    expect(at(CREATED - 3.001, CREATED, CREATED + 30)).toBe('not-yet-valid');
    expect(at(CREATED + 8.001, CREATED, CREATED + 5)).toBe('expired');
  });

  it('tells of the time of genuine signatures only', () => {
    expect(judge(EXAMPLE, CREATED + 3600)).toBe('expired');
    expect(judge(EXAMPLE, CREATED + 3600, new Uint8Array(32))).toBe('wrong-signature');
  });
});

describe('canonicalBase64', () => {
  it.each(['', 'AA==', 'AAA=', 'AAAA', '+/+/', CLIENT_SECRET])('reads %j', (text) => {
    expect(canonicalBase64(text)).toEqual(Buffer.from(text, 'base64'));
  });

  it.each(['A', 'AA', 'AB==', 'AAB=', 'AA=', 'AA===', 'AA== ', ' AA==', 'A A=', '-_-_', 'AA==AA==', 'AÄA='])(
    'does not read %j',
    (text) => {
      expect(canonicalBase64(text)).toBeUndefined();
    },
  );
});
