import { generateKeyPairSync, sign } from 'node:crypto';

/** A certificate and its private key, as PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** What may be out of the ordinary about a certificate. */
export interface CertificateOptions {
  /** The one name that it is for, beside no address. @defaultValue `localhost` and 127.0.0.1 */
  readonly name?: string;
  /** When it expires, as ASN.1's UTCTime. @defaultValue '491231235959Z' */
  readonly expires?: string;
  /** What it may be used for. @defaultValue 'server' */
  readonly usage?: 'server' | 'client';
}

const OIDS = {
  ecdsaWithSha256: '06082a8648ce3d040302',
  commonName: '0603550403',
  subjectAltName: '0603551d11',
  extendedKeyUsage: '0603551d25',
  server: '06082b06010505070301',
  client: '06082b06010505070302',
};

/** One value in DER: tag, length, content (ITU-T X.690). */
function der(tag: number, ...content: Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const length = body.length < 0x80 ? [body.length] : [0x82, body.length >> 8, body.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

const sequence = (...content: Buffer[]) => der(0x30, ...content);
const oid = (name: keyof typeof OIDS) => Buffer.from(OIDS[name], 'hex');
const bits = (content: Buffer) => der(0x03, Buffer.from([0]), content);
const text = (tag: number, content: string) => der(tag, Buffer.from(content, 'latin1'));
const extension = (name: keyof typeof OIDS, value: Buffer) => sequence(oid(name), der(0x04, value));

/** **Makes a self-signed certificate** (RFC 5280), new at each call, so that no private key lies about. */
export function selfSigned({
  name,
  expires = '491231235959Z',
  usage = 'server',
}: CertificateOptions = {}): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = sequence(oid('ecdsaWithSha256'));
  const subject = sequence(der(0x31, sequence(oid('commonName'), text(0x0c, name ?? 'localhost'))));
  const names =
    name === undefined ? [text(0x82, 'localhost'), der(0x87, Buffer.from([127, 0, 0, 1]))] : [text(0x82, name)];
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1])),
    algorithm,
    subject,
    sequence(text(0x17, '200101000000Z'), text(0x17, expires)),
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(
      0xa3,
      sequence(extension('subjectAltName', sequence(...names)), extension('extendedKeyUsage', sequence(oid(usage)))),
    ),
  );
  const certificate = sequence(body, algorithm, bits(sign('sha256', body, privateKey)));
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64')}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}
