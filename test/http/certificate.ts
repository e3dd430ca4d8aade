import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';

/** A certificate with its key. */
export interface Certificate {
  readonly name: string;
  readonly cert: string;
  readonly key: string;
  readonly keys: { readonly privateKey: KeyObject; readonly publicKey: KeyObject };
}

let made = 0;

/**
 * Makes a certificate, as node:crypto only reads them: https://www.rfc-editor.org/rfc/rfc5280#section-4.1
 *
 * @param name common name; the organisation is Acme.
 * @param issuer undefined = it signs itself, as an authority does.
 * @param lastYear of its validity.
 * @param hosts that it is for besides 127.0.0.1; each at most 60 characters.
 */
export function aCertificate(
  name: string,
  issuer?: Certificate,
  lastYear = 2090,
  hosts: readonly string[] = [],
): Certificate {
  const keys = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const body = sequence(
    der(0xa0, integer(2)),
    integer(++made),
    signedWith,
    nameOf(issuer?.name ?? name),
    sequence(time(2000), time(lastYear)),
    nameOf(name),
    keys.publicKey.export({ type: 'spki', format: 'der' }),
    der(
      0xa3,
      sequence(...(issuer ? [extension('551d11', addresses(hosts))] : [extension('551d13', '30030101ff')])),
    ),
  );
  const signature = createSign('SHA256')
    .update(body)
    .sign(issuer?.keys.privateKey ?? keys.privateKey);
  const whole = sequence(body, signedWith, bits(signature));
  const lines = (whole.toString('base64').match(/.{1,64}/g) ?? []).join('\n');
  return {
    name,
    keys,
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
    key: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
  };
}

function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const { length } = body;
  const size = length < 128 ? [length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
}

function sequence(...parts: readonly Uint8Array[]): Buffer {
  return der(0x30, ...parts);
}

/** @param value 0 to 127. */
function integer(value: number): Buffer {
  return der(0x02, Buffer.from([value]));
}

function bits(value: Uint8Array): Buffer {
  return der(0x03, Buffer.from([0]), value);
}

function time(year: number): Buffer {
  return der(0x18, Buffer.from(`${year}0101000000Z`));
}

function nameOf(common: string): Buffer {
  const part = (type: string, value: string): Buffer =>
    der(0x31, sequence(der(0x06, Buffer.from(type, 'hex')), der(0x0c, Buffer.from(value))));
  return sequence(part('55040a', 'Acme'), part('550403', common));
}

function addresses(hosts: readonly string[]): Buffer {
  const here = der(0x87, Buffer.from([127, 0, 0, 1]));
  return sequence(here, ...hosts.map((host) => der(0x82, Buffer.from(host))));
}

function extension(type: string, value: string | Buffer): Buffer {
  const body = typeof value === 'string' ? Buffer.from(value, 'hex') : value;
  return sequence(der(0x06, Buffer.from(type, 'hex')), der(0x04, body));
}

/** ecdsa-with-SHA256. */
const signedWith = sequence(der(0x06, Buffer.from('2a8648ce3d040302', 'hex')));
