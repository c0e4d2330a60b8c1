/** What breaks the signature alone: by whom, over what, in which form. */
import { constants, generateKeyPairSync, privateEncrypt, sign } from 'node:crypto';
import {
  ALGS,
  assertionOf,
  authenticatorData,
  NAMES,
  testPasskey,
  RP_ID,
  sha256,
  signature,
} from '../passkey';
import { bytesOf, integer, N, ofNumbers, sequence, tagged, twisted } from './der';
import { breaking, firstOf, keyOf, TEXT, type Vector } from './vector';

type Alg = (typeof ALGS)[number];
type Value = (signed: Buffer) => Buffer;

const withValue = (name: string, alg: Alg, value: Value, signCount = 1): Vector =>
  breaking('signature', `${NAMES[alg]}: ${name}`, keyOf(alg), { value, signCount });

export function signatureVectors(): Vector[] {
  return [...ALGS.flatMap(ofEachKind), ...es256(), ...ed25519(), ...rs256()];
}

function ofEachKind(alg: Alg): Vector[] {
  const key = keyOf(alg);
  const over = (what: string, signs: (data: Buffer, client: Buffer) => Buffer) =>
    breaking('signature', `${NAMES[alg]}: the signature is over ${what}`, key, { signs });
  const good = assertionOf(key, TEXT);
  const changed = (what: string, part: object): Vector => {
    const name = `${NAMES[alg]}: ${what} after it was signed`;
    return {
      name,
      holds: false,
      breaks: 'signature',
      entry: key.entry,
      text: TEXT,
      assertion: { ...good, ...part },
    };
  };
  const spaced = `${Buffer.from(good.clientDataJSON, 'base64url').toString()} `;
  const counted = authenticatorData(RP_ID, undefined, 2).toString('base64url');
  return [
    withValue('signed by another key of that kind', alg, (signed) => signature(testPasskey(alg), signed)),
    withValue('cut off', alg, (signed) => signature(key, signed).subarray(0, -1)),
    withValue('a byte more', alg, (signed) => Buffer.concat([signature(key, signed), Buffer.alloc(1)])),
    withValue('one bit is another', alg, (signed) => {
      const value = signature(key, signed);
      value.writeUInt8(value.readUInt8(20) ^ 1, 20);
      return value;
    }),
    over('the text itself', () => Buffer.from(TEXT)),
    over('authenticatorData alone', (data) => data),
    over('the hash of clientDataJSON alone', (_, client) => sha256(client)),
    over('clientDataJSON, not its hash', (data, client) => Buffer.concat([data, client])),
    over('both the other way round', (data, client) => Buffer.concat([sha256(client), data])),
    over('the hash of both', (data, client) => sha256(data, sha256(client))),
    over('the authenticatorData of another counter', (_, client) =>
      Buffer.concat([authenticatorData(RP_ID, undefined, 99), sha256(client)]),
    ),
    changed('a space was put at the end of clientDataJSON', {
      clientDataJSON: Buffer.from(spaced).toString('base64url'),
    }),
    changed('the counter was changed', { authenticatorData: counted }),
  ];
}

function es256(): Vector[] {
  const key = keyOf(-7);
  const of = (name: string, value: Value, count?: number) => withValue(name, -7, value, count);
  const form = (name: string, twist: Parameters<typeof twisted>[1]) => of(name, twisted(key, twist));
  const long = (der: Buffer) => Buffer.concat([Buffer.of(0x30, 0x81, der.length - 2), der.subarray(2)]);
  const zero = (number: bigint) =>
    tagged(0x02, Buffer.concat([Buffer.alloc(1), integer(number).subarray(2)]));
  return [
    form('r and s without DER, 32 bytes each', (r, s) =>
      Buffer.concat([r, s].map((n) => Buffer.from(n.toString(16).padStart(64, '0'), 'hex'))),
    ),
    form('the length in two bytes', (_r, _s, der) => long(der)),
    form('of a length that is not told', (_r, _s, der) =>
      Buffer.concat([Buffer.of(0x30, 0x80), der.subarray(2), Buffer.alloc(2)]),
    ),
    form('a zero too much before r', (r, s) => sequence(zero(r), integer(s))),
    form('a zero too much before s', (r, s) => sequence(integer(r), zero(s))),
    negative(),
    form('a set, not a sequence', (_r, _s, der) => Buffer.concat([Buffer.of(0x31), der.subarray(1)])),
    form('a third number', (r, s) => sequence(integer(r), integer(s), integer(1n))),
    form('r alone', (r) => sequence(integer(r))),
    form('s and r', (r, s) => ofNumbers(s, r)),
    form('r and s plus the order', (r, s) => ofNumbers(r, s + N)),
    form('r plus the order, and s', (r, s) => ofNumbers(r + N, s)),
    form('r and -s', (r, s) => sequence(integer(r), tagged(0x02, minus(s)))),
    form('r of zero', (_, s) => ofNumbers(0n, s)),
    form('s of zero', (r) => ofNumbers(r, 0n)),
    form('both of zero', () => ofNumbers(0n, 0n)),
    form('both of the order', () => ofNumbers(N, N)),
    form('an empty sequence', () => sequence()),
    of('64 zeros', () => Buffer.alloc(64)),
    of('over the hash, hashed once more', (signed) => signature(key, sha256(signed))),
    ...['sha1', 'sha384', 'sha512'].map((hash) =>
      of(`with ${hash}`, (signed) => signature(key, signed, hash)),
    ),
  ];
}

/** Two's complement. */
function minus(number: bigint): Buffer {
  return bytesOf(2n ** 264n - number);
}

/** r has its highest bit set and no zero before it: as a number in DER it is negative. */
function negative(): Vector {
  const value = twisted(keyOf(-7), (r, s) => sequence(tagged(0x02, bytesOf(r)), integer(s)));
  return firstOf((signCount) => {
    const vector = withValue('r without the zero before its highest bit', -7, value, signCount);
    return bytesIn(vector).readUInt8(4) >= 0x80 ? vector : undefined;
  });
}

function bytesIn({ assertion }: Vector): Buffer {
  return Buffer.from(assertion.value, 'base64');
}

function ed25519(): Vector[] {
  const key = keyOf(-8);
  const L = 2n ** 252n + 27742317777372353535851937790883648493n;
  const added = (signed: Buffer, more: bigint) => {
    const value = signature(key, signed);
    const s = BigInt(`0x${Buffer.from(value.subarray(32)).reverse().toString('hex')}`) + more;
    const bytes = Buffer.from(s.toString(16).padStart(64, '0'), 'hex').reverse();
    return Buffer.concat([value.subarray(0, 32), bytes]);
  };
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  return [
    withValue('S plus the order', -8, (signed) => added(signed, L)),
    withValue('64 zeros', -8, () => Buffer.alloc(64)),
    withValue('R alone', -8, (signed) => signature(key, signed).subarray(0, 32)),
    withValue('over the hash of what is to be signed', -8, (signed) => signature(key, sha256(signed))),
    withValue('a signature of P-256', -8, (signed) => sign('sha256', signed, other)),
  ];
}

function rs256(): Vector[] {
  const key = keyOf(-257);
  const { privateKey } = key;
  const { n = '' } = privateKey.export({ format: 'jwk' });
  const modulus = BigInt(`0x${Buffer.from(n, 'base64url').toString('hex')}`);
  const padded = (block: Buffer) =>
    privateEncrypt({ key: privateKey, padding: constants.RSA_PKCS1_PADDING }, block);
  const of = (name: string, value: Value) => withValue(name, -257, value);
  const pss = { key: privateKey, padding: constants.RSA_PKCS1_PSS_PADDING };
  return [
    of('padded as PSS', (signed) => sign('sha256', signed, pss)),
    ...['sha1', 'sha384', 'sha512'].map((hash) =>
      of(`with ${hash}`, (signed) => signature(key, signed, hash)),
    ),
    of('the hash without its name', (signed) => padded(sha256(signed))),
    of('the name of the hash without its NULL', (signed) =>
      padded(Buffer.concat([Buffer.from('302f300b0609608648016503040201' + '0420', 'hex'), sha256(signed)])),
    ),
    of('a zero before it', (signed) => Buffer.concat([Buffer.alloc(1), signature(key, signed)])),
    of('256 zeros', () => Buffer.alloc(256)),
    of('the number one', () => Buffer.concat([Buffer.alloc(255), Buffer.of(1)])),
    plusModulus(modulus),
  ];
}

/** The same number modulo the modulus, in as many bytes. */
function plusModulus(modulus: bigint): Vector {
  const value: Value = (signed) =>
    bytesOf(BigInt(`0x${signature(keyOf(-257), signed).toString('hex')}`) + modulus);
  return firstOf((signCount) => {
    const vector = withValue('plus the modulus', -257, value, signCount);
    return bytesIn(vector).length === 256 ? vector : undefined;
  });
}
