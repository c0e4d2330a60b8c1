/** All vectors, made with new keys: what holds first, then what does not, by the part that is wrong. */
import { authenticatorDataVectors } from './authenticator-data';
import { clientDataVectors } from './client-data';
import { entryVectors } from './entries';
import { holdingVectors } from './holding';
import { signatureVectors } from './signatures';
import type { Vector } from './vector';

export { ruleOf, RULES, TEXT, type Rule, type Vector } from './vector';

export function madeVectors(): Vector[] {
  return [
    ...holdingVectors(),
    ...clientDataVectors(),
    ...authenticatorDataVectors(),
    ...signatureVectors(),
    ...entryVectors(),
  ];
}
