/**
 * The id that one feedback has everywhere else: the same at every attempt and from every worker, so that a receiver that has it
 * already has it once. A UUID of version 5 (RFC 9562), to be computed again in any language.
 */
import { sha1 } from '@noble/hashes/legacy';
import { bytesToHex, hexToBytes, utf8ToBytes } from '@noble/hashes/utils';
import { canonical } from './digest';

/** Of all feedback of ours; made once, by chance. */
const NAMESPACE = '5b0f4d2e9c374f0c8f6a1d7e42b39a60';

/** The name that is hashed is the canonical JSON of the three, in an array. */
export function feedbackUuid(
  runId: string,
  { id, key }: { readonly id: string; readonly key: string },
): string {
  const name = utf8ToBytes(canonical([runId, id, key]));
  const bytes = sha1(new Uint8Array([...hexToBytes(NAMESPACE), ...name])).slice(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytesToHex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** Of any version. */
export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text);
}
