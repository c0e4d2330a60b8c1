/**
 * The public key of a passkey as node:crypto has it. It is taken in one encoding alone, the one that authenticators hand out: a second
 * form of the same key would pass for another key, and would outlive the revocation of the first.
 */
import { createPublicKey, type KeyObject } from 'node:crypto';
import type { PasskeyEntry } from '../../domain/passkey';
import { publicKey } from './public-key';

type Key = Pick<PasskeyEntry, 'alg' | 'spki'>;

/** DER up to the point: P-256 by name, and an uncompressed point. */
const P256 = Buffer.from('3059301306072a8648ce3d020106082a8648ce3d03010703420004', 'hex');
/** DER up to the 32 bytes. */
const ED25519 = Buffer.from('302a300506032b6570032100', 'hex');

const KEPT = 1_000;
/** Keys are few and are asked for again and again; what is kept here never goes stale. */
const keys = new Map<string, KeyObject>();

/**
 * @throws RangeError that says what is wrong with it
 */
export function passkeyKey({ alg, spki }: Key): KeyObject {
  const name = `${String(alg)} ${spki}`;
  const known = keys.get(name);
  if (known !== undefined) return known;
  const der = Buffer.from(spki, 'base64');
  const key = alg === -7 ? p256(der) : alg === -8 ? ed25519(der) : rsa(der);
  if (!key.export({ format: 'der', type: 'spki' }).equals(der))
    throw new RangeError('the public key is not in canonical DER');
  if (keys.size >= KEPT) keys.clear();
  keys.set(name, key);
  return key;
}

/** What is wrong with an entry's public key, for the moment at which a directory is loaded; undefined where it fits. */
export function spkiFault(entry: Key): string | undefined {
  try {
    passkeyKey(entry);
    return undefined;
  } catch (error) {
    return error instanceof RangeError ? error.message : 'the public key does not parse';
  }
}

function p256(der: Buffer): KeyObject {
  if (der.length !== P256.length + 64 || !der.subarray(0, P256.length).equals(P256))
    throw new RangeError('the public key is not an uncompressed point of P-256, which alg -7 needs');
  return importedKey(der, 'is not a point of P-256');
}

function ed25519(der: Buffer): KeyObject {
  if (der.length !== ED25519.length + 32 || !der.subarray(0, ED25519.length).equals(ED25519))
    throw new RangeError('the public key is not Ed25519, which alg -8 needs');
  return publicKey(der.subarray(ED25519.length).toString('base64'));
}

function rsa(der: Buffer): KeyObject {
  const key = importedKey(der, 'does not parse');
  const { modulusLength: bits = 0, publicExponent: exponent = 0n } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType !== 'rsa')
    throw new RangeError('the public key is not RSA, which alg -257 needs');
  if (bits < 2_048 || bits > 8_192)
    throw new RangeError(`the public key's modulus has ${String(bits)} bits; it needs 2048 to 8192`);
  const modulus = Buffer.from(String(key.export({ format: 'jwk' }).n), 'base64url');
  if ((modulus.at(-1) ?? 0) % 2 === 0) throw new RangeError("the public key's modulus is even");
  if (exponent < 65_537n || exponent >= 2n ** 32n || exponent % 2n === 0n)
    throw new RangeError("the public key's exponent is not odd, or not from 65537 to 2^32");
  return key;
}

function importedKey(der: Buffer, otherwise: string): KeyObject {
  try {
    return createPublicKey({ key: der, format: 'der', type: 'spki' });
  } catch {
    throw new RangeError(`the public key ${otherwise}`);
  }
}
