/** What a gate takes now: of the table of verdicts those that its status, its policy and its proposal leave. */
import { maxRevisions } from '../policy';
import { ALL_VERDICTS, VERDICTS, type Verdict } from '../verdicts';
import type { Gate } from './state';

/** In the order of the verdicts; none where the gate takes none. */
export function offeredVerdicts(gate: Gate): Verdict[] {
  return ALL_VERDICTS.filter((verdict) => isTakenNow(gate, verdict) && isLeft(gate, verdict));
}

/** Whether the gate's status lets it be said at all. */
export function isTakenNow({ status }: Gate, verdict: Verdict): boolean {
  return (VERDICTS[verdict].while as readonly string[]).includes(status);
}

/** Whether policy and proposal leave it. What always can be said, no policy's list of verdicts leaves out. */
function isLeft(gate: Gate, verdict: Verdict): boolean {
  const { policy, failure } = gate;
  const { always, needsProposal } = VERDICTS[verdict];
  if (failure !== undefined && needsProposal) return false;
  if (verdict === 'revise' && isExhausted(gate)) return false;
  if (verdict === 'escalate' && isAtTop(gate)) return false;
  const listed = policy.verdicts?.includes(verdict) ?? true;
  return listed || always === 'ever' || (always === 'unproposed' && failure !== undefined);
}

/** It was sent back as often as the policy allows. */
export function isExhausted({ sentBack, policy }: Gate): boolean {
  return sentBack >= maxRevisions(policy);
}

/** There is no level to pass it up to. */
export function isAtTop({ rung, policy }: Gate): boolean {
  return rung + 1 >= policy.levels.length;
}
