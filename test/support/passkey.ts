/** A passkey in software, for tests and vectors: what an authenticator and a browser make of a text, each part to be bent. */
import { createHash, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import type { PasskeyAssertion, PasskeyEntry } from '../../src/domain/passkey';

export const UP = 0x01;
export const UV = 0x04;
export const BE = 0x08;
export const BS = 0x10;
export const AT = 0x40;
export const ED = 0x80;

export const RP_ID = 'example.com';
export const ORIGIN = 'https://approve.example.com';

export interface Passkey {
  readonly entry: PasskeyEntry;
  readonly privateKey: KeyObject;
}

export type Alg = PasskeyEntry['alg'];
export const ALGS = [-7, -8, -257] as const;
export const NAMES: Readonly<Record<Alg, string>> = { [-7]: 'ES256', [-8]: 'Ed25519', [-257]: 'RS256' };

export function sha256(...parts: readonly (string | Buffer)[]): Buffer {
  return parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
}

function privateKeyFor(alg: Alg): KeyObject {
  if (alg === -7) return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  if (alg === -8) return generateKeyPairSync('ed25519').privateKey;
  return generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey;
}

export function spkiOf(key: KeyObject): Buffer {
  const open = key.type === 'private' ? createPublicKey(key) : key;
  return open.export({ format: 'der', type: 'spki' });
}

/** With the key that `privateKey` is, or a new one. The private key is bound to no `alg`, so that the wrong one can be had. */
export function testPasskey(
  alg: Alg,
  over: Partial<PasskeyEntry> = {},
  privateKey = privateKeyFor(alg),
): Passkey {
  const spki = spkiOf(privateKey);
  const entry: PasskeyEntry = {
    id: `${NAMES[alg].toLowerCase()}-phone`,
    kind: 'passkey',
    credential: sha256('credential', spki).toString('base64url'),
    spki: spki.toString('base64'),
    alg,
    rpId: RP_ID,
    origins: [ORIGIN],
    backupEligible: false,
    ...over,
  };
  return { entry, privateKey };
}

/** The five bytes after the hash, and what comes after them. */
export function authenticatorData(
  rpId: string | Buffer,
  flags = UP | UV,
  signCount = 1,
  more: Buffer = Buffer.alloc(0),
): Buffer {
  const rest = Buffer.alloc(5);
  rest.writeUInt8(flags);
  rest.writeUInt32BE(signCount, 1);
  return Buffer.concat([typeof rpId === 'string' ? sha256(rpId) : rpId, rest, more]);
}

/** As a browser writes it. @param more members after the origin, each with its comma before it */
export function clientData(challenge: string, origin = ORIGIN, more = ''): string {
  return `{"type":"webauthn.get","challenge":"${challenge}","origin":"${origin}"${more}}`;
}

export function challengeFor(text: string): string {
  return sha256(text).toString('base64url');
}

/** @param hash the hash that is signed with; none for Ed25519, which brings its own */
export function signature({ privateKey }: Passkey, data: Buffer, hash = 'sha256'): Buffer {
  const own = privateKey.asymmetricKeyType?.startsWith('ed') === true;
  return sign(own ? null : hash, data, privateKey);
}

export interface Bent {
  /** Members after the origin, each with its comma before it. */
  readonly more?: string;
  readonly origin?: string;
  readonly challenge?: string;
  /** The whole of clientDataJSON instead. */
  readonly client?: string | Buffer;
  readonly flags?: number;
  readonly signCount?: number;
  /** The whole of authenticatorData instead. */
  readonly data?: Buffer;
  /** Signed instead of authenticatorData ‖ SHA-256(clientDataJSON). */
  readonly signs?: (data: Buffer, client: Buffer) => Buffer;
  /** The value instead. */
  readonly value?: (signed: Buffer) => Buffer;
}

/** What the passkey answers to the text: an assertion that holds, but for what is bent. */
export function assertionOf(key: Passkey, text: string, bent: Bent = {}): PasskeyAssertion {
  const { entry } = key;
  const origin = bent.origin ?? entry.origins[0];
  const said = bent.client ?? clientData(bent.challenge ?? challengeFor(text), origin, bent.more);
  const client = Buffer.isBuffer(said) ? said : Buffer.from(said, 'utf8');
  const flags = bent.flags ?? (entry.backupEligible ? UP | UV | BE : UP | UV);
  const data = bent.data ?? authenticatorData(entry.rpId, flags, bent.signCount);
  const signed = bent.signs?.(data, client) ?? Buffer.concat([data, sha256(client)]);
  return {
    authenticatorData: data.toString('base64url'),
    clientDataJSON: client.toString('base64url'),
    value: (bent.value?.(signed) ?? signature(key, signed)).toString('base64'),
  };
}
