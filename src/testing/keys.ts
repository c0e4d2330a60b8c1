/** Keys for one's own tests: a reviewer who signs, as `countersign sign` does it, by the time that the workflow has. */
import { signable } from '../domain/signable';
import { LONGEST_LIFE } from '../domain/gate/signature';
import type { Decision, Packet } from '../client';
import { generateKey, sign } from '../signing';

export interface TestKey {
  /** As the reviewers directory calls it. */
  readonly id: string;
  /** PKCS #8 in PEM; of no worth outside of the test. */
  readonly privateKeyPem: string;
  /** Goes among the person's `keys` in the reviewers directory. */
  readonly entry: { readonly id: string; readonly public: string };
}

/** A new key pair at each call. */
export function testKey(id: string): TestKey {
  const { public: key, private: privateKeyPem } = generateKey();
  return { id, privateKeyPem, entry: { id, public: key } };
}

/** Milliseconds since 1970, as the workflow's server has it. */
export type Now = () => number | Promise<number>;

/**
 * The decision on what the packet shows, signed at the gate's own place, good for as long as one may be: time passes quickly in tests.
 * @param now where a test server skips time `() => env.currentTimeMs()`. @default this machine's clock
 * @throws Error where the packet is none that can be signed, with the code and the reason
 */
export async function signed(
  packet: Packet,
  decision: Decision,
  key: TestKey,
  now: Now = Date.now,
): Promise<Decision> {
  const found = signable(packet, decision);
  if (!found.ok) throw new Error(`${found.code}: ${found.message}`);
  const issued = new Date(await now());
  const expires = new Date(issued.getTime() + LONGEST_LIFE);
  return sign(found.decision, found.where, {
    keyId: key.id,
    privateKeyPem: key.privateKeyPem,
    issued,
    expires,
  });
}
