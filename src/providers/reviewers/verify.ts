/** The cryptography of signatures and vouches, outside of workflow code; the times of them and of their keys are the domain's business. */
import { verify } from 'node:crypto';
import type { Decision } from '../../domain/decision';
import type { Directory } from '../../domain/reviewers';
import {
  decisionText,
  doorKeyOf,
  forgery,
  gradeOf,
  keyOf,
  vouchText,
  type Genuine,
  type Graded,
  type Stakes,
  type Where,
} from '../../domain/signing';
import { publicKey } from './public-key';

/** Of what stands on the decision, whether it was made there, over the decision as it is, with the key that it names. Never throws. */
export function genuine(directory: Directory | undefined, where: Where, decision: Decision): Genuine {
  const { signature, vouch } = decision;
  return {
    ...(signature === undefined
      ? {}
      : {
          signature: signs(keyOf(directory, decision), signature.value, () =>
            decisionText(where, decision, signature),
          ),
        }),
    ...(vouch === undefined
      ? {}
      : {
          vouch: signs(doorKeyOf(directory, decision), vouch.value, () => vouchText(where, decision, vouch)),
        }),
  };
}

/** Something stands on the decision that proves its sender, and each thing that does is genuine. Never throws. */
export function verifies(directory: Directory | undefined, where: Where, decision: Decision): boolean {
  const found = Object.values(genuine(directory, where, decision));
  return found.length > 0 && found.every((one) => one === true);
}

function signs(key: { readonly public: string } | undefined, value: string, text: () => string): boolean {
  if (key === undefined) return false;
  try {
    return verify(null, Buffer.from(text(), 'utf8'), publicKey(key.public), Buffer.from(value, 'base64'));
  } catch {
    // A key that is none, or text that has no canonical form.
    return false;
  }
}

/** For each decision in turn, as `genuine`. */
export function verifyBatch(
  directory: Directory | undefined,
  where: Where,
  decisions: readonly Decision[],
): Genuine[] {
  return decisions.map((decision) => genuine(directory, where, decision));
}

/** How surely the sender of a decision is known that the server received at `at` (milliseconds since 1970), cryptography included. */
export function gradeAt(
  directory: Directory | undefined,
  where: Where,
  decision: Decision,
  stakes: Stakes,
  at: number,
): Graded {
  const graded = gradeOf(directory, decision, stakes, at);
  if ('fault' in graded || graded.grade === 'open') return graded;
  const fault = forgery(decision, genuine(directory, where, decision));
  return fault === undefined ? graded : { fault };
}
