/**
 * Public keys of Ed25519 as node:crypto has them, of their 32 raw bytes. node:crypto imports any 32 bytes, and for a point of
 * small order, such as 32 zeros, it takes signatures that nobody made: what is no key of a person's is refused here.
 */
import { createPublicKey, type KeyObject } from 'node:crypto';

/** What stands before the 32 bytes in DER: SubjectPublicKeyInfo with the algorithm id of Ed25519. */
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');

/** The field's prime and the curve's constant d of RFC 8032. */
const P = 2n ** 255n - 19n;
const D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n;
const ORDER_8 = 0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n;

const KEPT = 1_000;
/** Keys are few and are asked for again and again; what is kept here never goes stale. */
const keys = new Map<string, KeyObject>();

/**
 * @param base64 32 bytes
 * @throws RangeError that says what is wrong with it
 */
export function publicKey(base64: string): KeyObject {
  const known = keys.get(base64);
  if (known !== undefined) return known;
  const raw = Buffer.from(base64, 'base64');
  const wrong = raw.length === 32 ? unfit(raw) : 'has not 32 bytes';
  if (wrong !== undefined) throw new RangeError(`the public key ${wrong}`);
  const key = createPublicKey({ key: Buffer.concat([SPKI, raw]), format: 'der', type: 'spki' });
  if (keys.size >= KEPT) keys.clear();
  keys.set(base64, key);
  return key;
}

/** Why 32 bytes are nobody's public key; undefined where they may be somebody's. */
export function unfit(raw: Buffer): string | undefined {
  // Little-endian; the highest bit is the sign of x.
  const y = BigInt(`0x${Buffer.from(raw).reverse().toString('hex')}`) & (2n ** 255n - 1n);
  if (y >= P) return 'is no point of the curve: y is not below 2^255 - 19';
  if (WEAK.has(y)) return 'is a point of small order, under which anybody can sign';
  // x² = (y² - 1) / (d y² + 1), which has a root where the product of both has one.
  const square = (y * y) % P;
  return power((square - 1n) * (D * square + 1n), (P - 1n) / 2n) === 1n
    ? undefined
    : 'is no point of the curve';
}

/** The y of the eight points whose order is 1, 2, 4 or 8. */
const WEAK: ReadonlySet<bigint> = new Set([0n, 1n, P - 1n, ORDER_8, P - ORDER_8]);

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let square = base % P, rest = exponent; rest > 0n; rest >>= 1n, square = (square * square) % P)
    if (rest & 1n) result = (result * square) % P;
  return result;
}
