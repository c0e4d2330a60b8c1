/** The cryptography of signatures, outside of workflow code; their keys' and their own times are the domain's business. */
import { verify } from 'node:crypto';
import type { Decision } from '../../domain/decision';
import type { Directory } from '../../domain/reviewers';
import { keyOf, signedText, type Where } from '../../domain/signing';
import { publicKey } from './public-key';

/** Whether the decision was signed there, as it is, with the key that it names of its reviewer. Never throws. */
export function verifies(directory: Directory | undefined, where: Where, decision: Decision): boolean {
  const { signature } = decision;
  const key = keyOf(directory, decision);
  if (signature === undefined || key === undefined) return false;
  try {
    const text = Buffer.from(signedText(where, decision, signature), 'utf8');
    return verify(null, text, publicKey(key.public), Buffer.from(signature.value, 'base64'));
  } catch {
    // A key that is none, or text that has no canonical form.
    return false;
  }
}

/** For each decision in turn, as `verifies`. */
export function verifyBatch(
  directory: Directory | undefined,
  where: Where,
  decisions: readonly Decision[],
): boolean[] {
  return decisions.map((decision) => verifies(directory, where, decision));
}
