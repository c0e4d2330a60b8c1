/** A self-signed certificate made here, so that tests of TLS need neither a tool nor a key in the repository. */
import { generateKeyPairSync, sign } from 'node:crypto';

export interface Certificate {
  /** PEM; whoever is to trust it takes it as an authority. */
  readonly cert: string;
  /** PEM. */
  readonly key: string;
}

/** For these DNS names, from 2020 to 2049, ECDSA with P-256. */
export function certificateFor(names: readonly string[]): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ecdsaWithSha256 = sequence(hex('06082a8648ce3d040302'));
  const name = sequence(der(0x31, sequence(hex('0603550403'), der(0x0c, Buffer.from('countersign tests')))));
  const alternatives = sequence(...names.map((one) => der(0x82, Buffer.from(one))));
  const extensions = sequence(sequence(hex('0603551d11'), der(0x04, alternatives)));
  const content = sequence(
    hex('a003020102'), // version 3
    hex('020101'), // serial number 1
    ecdsaWithSha256,
    name,
    sequence(der(0x17, Buffer.from('200101000000Z')), der(0x17, Buffer.from('491231235959Z'))),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, extensions),
  );
  const signature = der(0x03, Buffer.concat([hex('00'), sign('sha256', content, privateKey)]));
  const lines =
    sequence(content, ecdsaWithSha256, signature)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

function hex(text: string): Buffer {
  return Buffer.from(text, 'hex');
}
