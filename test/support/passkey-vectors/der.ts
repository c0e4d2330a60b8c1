/** ECDSA signatures of P-256 in DER, taken apart and put together again, also as they must not be. */
import { signature, type Passkey } from '../passkey';

/** The order of P-256. */
export const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

type Value = (signed: Buffer) => Buffer;

export function numbersOf(der: Buffer): [r: bigint, s: bigint] {
  const r = der.subarray(4, 4 + (der[3] ?? 0));
  const s = der.subarray(6 + r.length);
  return [BigInt(`0x${r.toString('hex')}`), BigInt(`0x${s.toString('hex')}`)];
}

export function bytesOf(number: bigint): Buffer {
  const hex = number.toString(16);
  return Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
}

/** As DER has it: as short as can be, with a zero where it would be negative otherwise. */
export function integer(number: bigint): Buffer {
  const bytes = bytesOf(number);
  const positive = (bytes[0] ?? 0) < 0x80 ? bytes : Buffer.concat([Buffer.of(0), bytes]);
  return tagged(0x02, positive);
}

export function tagged(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const bytes = bytesOf(BigInt(length));
  const written = length < 0x80 ? bytes : Buffer.concat([Buffer.of(0x80 + bytes.length), bytes]);
  return Buffer.concat([Buffer.of(tag), written, content]);
}

export function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts));
}

export function ofNumbers(r: bigint, s: bigint): Buffer {
  return sequence(integer(r), integer(s));
}

/** Of one signature both forms: (r, s) and (r, n − s) hold alike. */
export function halves(key: Passkey): { low: Value; high: Value } {
  const form = (upper: boolean) => (signed: Buffer) => {
    const [r, s] = numbersOf(signature(key, signed));
    return ofNumbers(r, s > N / 2n === upper ? s : N - s);
  };
  return { low: form(false), high: form(true) };
}

export function highS(key: Passkey): Value {
  return halves(key).high;
}

/** Another form of a signature that holds. */
export function twisted(key: Passkey, twist: (r: bigint, s: bigint, der: Buffer) => Buffer): Value {
  return (signed) => {
    const der = signature(key, signed);
    return twist(...numbersOf(der), der);
  };
}
