/** What a gate shows to people at its present revision and level, and the hash of it that a decision names and the record keeps. */
import type { Common } from './state';
import { levelAt } from '../policy';
import { shownHash, type Shown } from './shown-hash';

export function shownIn(gate: Common): Shown {
  const { proposal, requester, requesterProof, by, policy, rung, phrase, assessment, setUp, callback } = gate;
  return {
    proposal,
    requester,
    requesterProof,
    by,
    policy,
    level: levelAt(policy, rung).name,
    // What nobody proposed takes no phrase: there is nothing to approve.
    phrase: gate.failure === undefined ? phrase : undefined,
    risk: assessment.risk,
    preview: assessment.preview,
    undo: setUp?.undo,
    plan: setUp?.plan,
    callback,
  };
}

/** As the packet holds it, and the entries `opened` and `revised`. */
export function shownBy(gate: Common): string {
  return shownHash(shownIn(gate));
}
