/**
 * The policy that an approval is held against: what the rules pick now, tightened by the recorded one, never under the floor of the
 * worker's directory. The recorded one is workflow state, and a claim.
 */
import { z } from 'zod';
import { defined } from './defined';
import type { Evidence } from './gate/evidence';
import { problems } from './gate/decision';
import { canonical } from './digest';
import { floored } from './floor';
import type { JsonObject } from './json';
import { Policy } from './policy';
import type { Directory } from './reviewers';
import type { Picked, Rules } from './gate/policy-source';
import type { RequesterProof } from './gate/shown-hash';

export interface Meeting {
  readonly rules: Rules;
  readonly directory: Directory | undefined;
  readonly action: string;
  readonly args: JsonObject;
  readonly risk: Evidence['risk'];
  /** Something runs once it is approved. */
  readonly effect: boolean;
  readonly requesterProof: RequesterProof;
  /** The workflow that asks is a ladder, by the server's word: its agents' words go on where no rule asks people. */
  readonly ladder?: boolean;
}

/** Never throws. */
export function policyNow(
  { basis, requester, words, policy: recorded }: Evidence,
  { rules, directory, action, args, risk, effect, requesterProof, ladder = false }: Meeting,
): Picked {
  const part = notWhole(recorded);
  if (part !== undefined) return weak(`the recorded policy is none: ${part}; start the question anew`);
  const { confidence, sensitive } = words;
  const requesterProven = requesterProof !== 'claimed';
  const own = action === CONFIRM ? unphrased(recorded) : recorded;
  const ruling = { action, args, confidence, sensitive, requester, requesterProven, risk };
  const free = ladder && !effect && basis === 'notice' ? rules.pick(ruling) : undefined;
  const unasked = free?.ok === true && free.rule === undefined;
  const picked: Picked = unasked ? { ok: true, policy: recorded } : rules.pick(ruling, own);
  if (!picked.ok) return picked;
  const asked = action === CONFIRM ? { ...phraseIn(recorded), ...picked.policy } : picked.policy;
  // What is taken back was signed with its step.
  const ruled = rules.configured || basis === 'step';
  const found = floored(asked, { directory, risk, effect, ruled });
  return found.ok ? { ok: true, policy: found.policy } : weak(found.problem);
}

/** A gate records a whole policy. A count that is missing is compared with nothing, and never reached: nobody's no would be enough. */
function notWhole(recorded: Policy): string | undefined {
  const parsed = z.safeParse(Policy, recorded);
  if (!parsed.success) return problems(parsed.error, 'policy');
  return canonical(parsed.data) === canonical(recorded)
    ? undefined
    : 'policy: leaves out what every gate records';
}

const weak = (message: string): Picked => ({ ok: false, code: 'POLICY_TOO_WEAK', message });

/** The built-in question: the phrase is its asker's own, where the rules have none. */
const CONFIRM = 'confirm';

function unphrased({ phrase: _, ...policy }: Policy): Policy {
  return policy;
}

function phraseIn({ phrase }: Policy): Partial<Policy> {
  return defined({ phrase });
}
