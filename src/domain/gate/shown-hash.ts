/**
 * What a reviewer was shown, as one hash that a decision names. Whoever changes the title, the requester, the policy, the preview or
 * the plan between the reading and the effect changes the hash, and the decision no longer counts.
 */
import { z } from 'zod';
import type { Risk } from '../confirmation';
import { defined } from '../defined';
import { canonical, sha256Hex, type Undo } from '../digest';
import type { Json } from '../json';
import type { PlanView } from '../plan-view';
import type { Policy } from '../policy';
import type { Proposal } from '../proposal';

/** How the requester of a start is known: by the argument's word, by a door's signature, or by the requester's own. */
export const RequesterProof = z.enum(['claimed', 'vouched', 'signed']);
export type RequesterProof = z.infer<typeof RequesterProof>;

/** Everything that the hash covers; the packet holds each of them wherever it holds the hash. */
export interface Shown {
  readonly proposal: Proposal;
  readonly requester: string;
  readonly requesterProof: RequesterProof;
  /** Who made this revision: an agent's level and name, the requester, or the editor. */
  readonly by: string;
  /** As the gate records it for this revision. */
  readonly policy: Policy;
  /** The level's name. */
  readonly level: string;
  /** At VERIFY alone. */
  readonly phrase?: string | undefined;
  readonly risk: Risk;
  /** As at the revision's opening. */
  readonly preview?: Json | undefined;
  readonly undo?: Undo | undefined;
  /** Of a step: the plan as at the revision's opening. */
  readonly plan?: PlanView | undefined;
  /** Where the outcome is sent besides. */
  readonly callback?: string | undefined;
}

/** SHA-256 of the canonical object, 64 lower-case hex characters. What is not there is left out. */
export function shownHash(shown: Shown): string {
  return sha256Hex(canonical({ v: 1, ...defined(shown) }));
}
