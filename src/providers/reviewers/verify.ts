/** The cryptography of signatures and vouches, outside of workflow code; the times of them and of their keys are the domain's business. */
import { verify } from 'node:crypto';
import type { Decision } from '../../domain/gate/decision';
import type { Occasion } from '../../domain/confirmation';
import type { Directory } from '../../domain/reviewers';
import {
  decisionText,
  doorKeyOf,
  forgery,
  gradeOf,
  isPasskey,
  keyOf,
  vouchText,
  type DecisionSignature,
  type Genuine,
  type Graded,
  type Vouch,
  type Where,
} from '../../domain/gate/signature';
import { passkeyFault } from './passkey';
import { publicKey } from './public-key';

/** Of what stands on the decision, whether it was made there, over the decision as it is, with the key that it names. Never throws. */
export function genuine(directory: Directory | undefined, where: Where, decision: Decision): Genuine {
  const { signature, vouch } = decision;
  return {
    ...(signature === undefined ? {} : { signature: signedBy(directory, where, decision, signature) }),
    ...(vouch === undefined ? {} : { vouch: vouchedBy(directory, where, decision, vouch) }),
  };
}

/** Something stands on the decision that proves its sender, and each thing that does is genuine. Never throws. */
export function verifies(directory: Directory | undefined, where: Where, decision: Decision): boolean {
  const found = Object.values(genuine(directory, where, decision));
  return found.length > 0 && found.every((one) => one === true);
}

function signedBy(
  directory: Directory | undefined,
  where: Where,
  decision: Decision,
  signature: DecisionSignature,
): boolean {
  const key = keyOf(directory, decision);
  return (
    key !== undefined &&
    holds(() => {
      const text = decisionText(where, decision, signature);
      if (!isPasskey(key)) return verifiesWith(key.public, text, signature);
      const { authenticatorData = '', clientDataJSON = '', value } = signature;
      return passkeyFault(key, text, { authenticatorData, clientDataJSON, value }) === undefined;
    })
  );
}

function vouchedBy(
  directory: Directory | undefined,
  where: Where,
  decision: Decision,
  vouch: Vouch,
): boolean {
  const key = doorKeyOf(directory, decision);
  return key !== undefined && holds(() => verifiesWith(key.public, vouchText(where, decision, vouch), vouch));
}

/** What a passkey adds has no place on a key file's signature: it would be signed by nobody. */
function verifiesWith(key: string, text: string, signature: { readonly value: string }): boolean {
  if ('authenticatorData' in signature || 'clientDataJSON' in signature) return false;
  return verify(null, Buffer.from(text, 'utf8'), publicKey(key), Buffer.from(signature.value, 'base64'));
}

/** Not with a key that is none, nor over text that has no canonical form. */
function holds(verified: () => boolean): boolean {
  try {
    return verified();
  } catch {
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
  stakes: Occasion,
  at: number,
): Graded {
  const graded = gradeOf(directory, decision, stakes, at);
  if ('fault' in graded || graded.grade === 'open') return graded;
  const fault = forgery(decision, genuine(directory, where, decision));
  return fault === undefined ? graded : { fault };
}
