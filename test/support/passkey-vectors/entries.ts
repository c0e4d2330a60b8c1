/** What is wrong with the entry itself: a key that fits no alg, or under which anybody can sign, and fields that are none. */
import { constants, createPublicKey, ECDH, generateKeyPairSync, sign } from 'node:crypto';
import type { PasskeyEntry } from '../../../src/domain/passkey';
import { ORIGIN, testPasskey, RP_ID, sha256, spkiOf, type Alg, type Bent, type Passkey } from '../passkey';
import { bytesOf, integer, sequence, tagged } from './der';
import { breaking, keyOf, type Vector } from './vector';

export function entryVectors(): Vector[] {
  return [...confused(), ...ofP256(), ...ofEd25519(), ...ofRsa(), ...fields(), ...places()];
}

const ec = (namedCurve: string, more = {}) => generateKeyPairSync('ec', { namedCurve, ...more }).privateKey;
const rsa = (modulusLength: number, publicExponent = 65_537) =>
  generateKeyPairSync('rsa', { modulusLength, publicExponent }).privateKey;

/** The entry's key in place of that which its private key has. */
function withSpki(key: Passkey, spki: Buffer): Passkey {
  return { ...key, entry: { ...key.entry, spki: spki.toString('base64') } };
}

const fault = (name: string, key: Passkey, bent?: Bent) => breaking('key', name, key, bent);

/** Each signs well with what it has, and the entry calls it another. */
function confused(): Vector[] {
  const of = (name: string, alg: Alg, privateKey: Passkey['privateKey']) =>
    fault(`${name}, with alg ${String(alg)}`, testPasskey(alg, {}, privateKey));
  const [es256, eddsa, rs256] = [keyOf(-7).privateKey, keyOf(-8).privateKey, keyOf(-257).privateKey];
  const pss = testPasskey(-257, {}, generateKeyPairSync('rsa-pss', { modulusLength: 2_048 }).privateKey);
  const x25519 = spkiOf(generateKeyPairSync('x25519').publicKey);
  return [
    of('an RSA key', -7, rs256),
    of('an RSA key', -8, rs256),
    of('a key of P-256', -8, es256),
    of('a key of P-256', -257, es256),
    of('a key of Ed25519', -7, eddsa),
    of('a key of Ed25519', -257, eddsa),
    of('a key of P-384', -7, ec('P-384')),
    of('a key of P-521', -7, ec('P-521')),
    of('a key of secp256k1', -7, ec('secp256k1')),
    of('a key of Ed448', -8, generateKeyPairSync('ed448').privateKey),
    fault('a key of X25519, with alg -8', withSpki(keyOf(-8), x25519)),
    fault('an RSA key for PSS alone, with alg -257', pss, {
      value: (signed) =>
        sign('sha256', signed, { key: pss.privateKey, padding: constants.RSA_PKCS1_PSS_PADDING }),
    }),
  ];
}

function ofP256(): Vector[] {
  const key = keyOf(-7);
  const spki = Buffer.from(key.entry.spki, 'base64');
  const [before, point] = [spki.subarray(0, 26), spki.subarray(26)];
  const compressed = ECDH.convertKey(point, 'prime256v1', undefined, undefined, 'compressed') as Buffer;
  const hybrid = ECDH.convertKey(point, 'prime256v1', undefined, undefined, 'hybrid') as Buffer;
  const named = before.subarray(2, 23); // the algorithm's id and the curve's
  const of = (name: string, bytes: Buffer) => fault(name, withSpki(key, bytes));
  const changed = Buffer.from(spki.map((byte, nth) => (nth === 90 ? byte ^ 1 : byte)));
  const pem = createPublicKey(key.privateKey).export({ format: 'pem', type: 'spki' });
  const cose = [
    Buffer.from('a5010203262001215820', 'hex'),
    point.subarray(1, 33),
    Buffer.from('225820', 'hex'),
  ];
  return [
    of('a point that is not on P-256', changed),
    of('a point of zeros', Buffer.concat([before, Buffer.of(4), Buffer.alloc(64)])),
    of('the point at infinity', sequence(named, tagged(0x03, Buffer.alloc(2)))),
    of(
      'a compressed point: a second form of the same key',
      sequence(named, tagged(0x03, Buffer.concat([Buffer.alloc(1), compressed]))),
    ),
    of('a hybrid point: a third form of the same key', Buffer.concat([before, hybrid])),
    fault(
      'P-256 by its parameters and not by its name',
      testPasskey(-7, {}, ec('P-256', { paramEncoding: 'explicit' })),
    ),
    of('a byte after the key', Buffer.concat([spki, Buffer.alloc(1)])),
    of('the key without its last byte', spki.subarray(0, -1)),
    of('the point alone', point),
    of('the key in COSE', Buffer.concat([...cose, point.subarray(33)])),
    of('the key in PEM', Buffer.from(pem)),
    of('a length in two bytes', Buffer.concat([Buffer.of(0x30, 0x81, 0x59), spki.subarray(2)])),
  ];
}

/** Under the point of order 1, R = that point and S = 0 is a signature of everything. */
function ofEd25519(): Vector[] {
  const bytes = (...first: number[]) => Buffer.concat([Buffer.from(first), Buffer.alloc(32 - first.length)]);
  const identity = bytes(1);
  const negative = Buffer.from(identity.map((byte, nth) => (nth === 31 ? 0x80 : byte)));
  const forged = { value: () => Buffer.concat([identity, Buffer.alloc(32)]) };
  const spki = (raw: Buffer) => Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), raw]);
  const of = (name: string, raw: Buffer, bent: Bent = forged) =>
    fault(name, withSpki(keyOf(-8), spki(raw)), bent);
  const beyond = Buffer.concat([Buffer.of(0xee), Buffer.alloc(30, 0xff), Buffer.of(0x7f)]);
  return [
    of('Ed25519: the point of order 1, under which anybody can sign', identity),
    of('Ed25519: the point of order 1 with the sign of x', negative),
    of('Ed25519: the point of order 1 with y above the prime', beyond),
    of(
      'Ed25519: a point of order 2',
      Buffer.concat([Buffer.of(0xec), Buffer.alloc(30, 0xff), Buffer.of(0x7f)]),
    ),
    of('Ed25519: a point of order 4, which is 32 zeros', Buffer.alloc(32)),
    of(
      'Ed25519: a point of order 8',
      Buffer.from('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05', 'hex'),
    ),
    of('Ed25519: a y that no point of the curve has', bytes(2), {}),
    fault(
      'Ed25519: a byte after the key',
      withSpki(keyOf(-8), Buffer.concat([spki(identity), Buffer.alloc(1)])),
      {},
    ),
    fault(
      'Ed25519: the 32 bytes alone',
      withSpki(keyOf(-8), Buffer.from(keyOf(-8).entry.spki, 'base64').subarray(12)),
      {},
    ),
  ];
}

function ofRsa(): Vector[] {
  const key = keyOf(-257);
  const { n = '', e = '' } = key.privateKey.export({ format: 'jwk' });
  const modulus = BigInt(`0x${Buffer.from(n, 'base64url').toString('hex')}`);
  const spki = (...numbers: readonly Buffer[]) =>
    sequence(
      Buffer.from('300d06092a864886f70d0101010500', 'hex'),
      tagged(0x03, Buffer.concat([Buffer.alloc(1), sequence(...numbers)])),
    );
  const of = (name: string, of: Buffer, bent?: Bent) => fault(`RSA: ${name}`, withSpki(key, of), bent);
  const exponent = integer(65_537n);
  const zero = tagged(0x02, Buffer.concat([Buffer.alloc(2), bytesOf(modulus)]));
  const digestInfo = Buffer.from('3031300d060960864801650304020105000420', 'hex');
  const block = (hash: Buffer) =>
    Buffer.concat([Buffer.of(0, 1), Buffer.alloc(202, 0xff), Buffer.of(0), digestInfo, hash]);
  return [
    fault('RSA: a modulus of 1024 bits', testPasskey(-257, {}, rsa(1_024))),
    fault('RSA: a modulus of 2047 bits', testPasskey(-257, {}, rsa(2_047))),
    fault('RSA: an exponent of 3', testPasskey(-257, {}, rsa(2_048, 3))),
    of('an exponent of 1, under which anybody can sign', spki(integer(modulus), integer(1n)), {
      value: (signed) => block(sha256(signed)),
    }),
    of('an even exponent', spki(integer(modulus), integer(65_538n))),
    of('an exponent of 33 bits', spki(integer(modulus), integer(2n ** 32n + 1n))),
    of('an even modulus', spki(integer(modulus + 1n), exponent)),
    of('a zero too much before the modulus', spki(zero, exponent)),
    of('the modulus without the zero that makes it positive', spki(tagged(0x02, bytesOf(modulus)), exponent)),
    of(
      'the modulus and the exponent alone',
      sequence(integer(modulus), tagged(0x02, Buffer.from(e, 'base64url'))),
    ),
    of('a byte after the key', Buffer.concat([spki(integer(modulus), exponent), Buffer.alloc(1)])),
  ];
}

type Fields = { readonly [Of in keyof PasskeyEntry]?: unknown };
const entry = (name: string, over: Fields, bent?: Bent): Vector =>
  breaking(
    'entry',
    `the entry: ${name}`,
    testPasskey(-7, over as Partial<PasskeyEntry>, keyOf(-7).privateKey),
    bent,
  );

function fields(): Vector[] {
  const { credential, spki } = keyOf(-7).entry;
  const { backupEligible: _, ...without } = keyOf(-7).entry;
  const vector = breaking('entry', 'the entry: it does not say whether it may be synced', keyOf(-7));
  return [
    { ...vector, entry: without as PasskeyEntry },
    entry('backupEligible is a text', { backupEligible: 'false' }),
    entry('alg is a text', { alg: '-7' }),
    entry('alg is that of RSA with SHA-1', { alg: -65_535 }),
    entry('alg is that of ECDSA without a curve', { alg: -35 }),
    entry('kind is another', { kind: 'file' }),
    entry('a field that is not known', { public: spki } as Fields),
    entry('a credential of 15 bytes', { credential: 'A'.repeat(20) }),
    entry('a credential of 1024 bytes', { credential: 'A'.repeat(1_366) }),
    entry('a credential with padding', { credential: `${credential}=` }),
    entry('a public key without padding', { spki: 'A'.repeat(122) }),
    entry('a public key in base64url', { spki: `${spki.slice(0, 40)}-${spki.slice(41)}` }),
    entry('a public key of nothing', { spki: '' }),
    entry('revoked at a time that is none', { revoked: 'yesterday' }),
  ];
}

function places(): Vector[] {
  const local = { rpId: 'localhost' };
  const at = (name: string, ...origins: string[]) => entry(name, { origins });
  return [
    entry('an rpId in upper case', { rpId: 'Example.com' }),
    entry('an rpId that is an address', { rpId: '127.0.0.1', origins: ['https://127.0.0.1'] }),
    entry('an rpId with a dot at its end', { rpId: 'example.com.', origins: ['https://example.com.'] }),
    entry('an rpId of one label', { rpId: 'intranet', origins: ['https://intranet'] }),
    entry('an rpId that is not ASCII', { rpId: 'bücher.example', origins: ['https://bücher.example'] }),
    entry('an rpId that is an origin', { rpId: `https://${RP_ID}` }),
    entry('an rpId that is empty', { rpId: '' }),
    at('no origins'),
    at('an origin of another site', 'https://example.org'),
    at('a second origin of another site', ORIGIN, 'https://example.org'),
    at('an origin whose host only ends as the rpId', 'https://evilexample.com'),
    at('an origin over http', 'http://approve.example.com'),
    at('an origin with a slash at its end', `${ORIGIN}/`),
    at('an origin with the default port', `${ORIGIN}:443`),
    at('an origin with a port that is none', `${ORIGIN}:65536`),
    at('an origin with a port of zero', `${ORIGIN}:0`),
    at('an origin in upper case', ORIGIN.toUpperCase()),
    at('an origin with a user name', 'https://ana@approve.example.com'),
    at('an origin for all below', 'https://*.example.com'),
    at('an origin that would end the text', `${ORIGIN}","x":"`),
    at('an origin that is an app', 'android:apk-key-hash:7d1043473d55bfa90e8530d35801d4e381bc69f0'),
    entry('an origin that is one text and not a list', { origins: ORIGIN }, { origin: ORIGIN }),
    entry('localhost with the default port of http', { ...local, origins: ['http://localhost:80'] }),
    entry('http below localhost', { ...local, origins: ['http://approve.localhost'] }),
    entry('http at an address of this machine', { ...local, origins: ['http://127.0.0.1:8233'] }),
  ];
}
