/**
 * The least that a worker's own files ask of every gate. A caller may bring any policy where there are no rules, but none that has
 * somebody else believed, or nobody asked, where people hold keys or a door knows who they are.
 */
import type { Occasion, Risk } from './confirmation';
import { GRADES, higher, isAtLeast, type Grade } from './grade';
import type { Policy } from './policy';
import { anyDoor, hasDoors, holdsKeys, type Directory } from './reviewers';

/**
 * `signed` where people hold keys; `vouched` where a door's word is enough. Beyond every door's word, and where nobody holds a key,
 * nobody could decide: that is not `open`.
 */
export function floorOf(directory: Directory | undefined, occasion: Occasion): Grade {
  if (directory === undefined) return 'open';
  const keys = holdsKeys(directory);
  if (!hasDoors(directory)) return keys ? 'signed' : 'open';
  return keys && !anyDoor(directory, occasion) ? 'signed' : 'vouched';
}

/** The policy, with an authentication that is not under the floor. */
export function raised(policy: Policy, floor: Grade): Policy {
  return { ...policy, authentication: higher(policy.authentication ?? GRADES[0], floor) };
}

const WAY_OUT = 'where the rules of COUNTERSIGN_POLICY do not say so';

/**
 * Why a caller may not have a policy that no rules have picked; undefined where it may. `effect`: something runs once it is
 * approved.
 */
export function tooWeak(
  policy: Policy,
  floor: Grade,
  { effect }: { readonly effect: boolean },
): string | undefined {
  if (floor === 'open') return undefined;
  const { confirmation, onSilence, levels, authentication } = policy;
  const silent = [
    ...(onSilence === 'approve' ? ['policy.onSilence'] : []),
    ...levels.flatMap((level, nth) =>
      level.onSilence === 'approve' ? [`policy.levels[${String(nth)}].onSilence`] : [],
    ),
  ];
  const weak = [
    ...(confirmation === 'INFO' && effect
      ? [`policy.confirmation: INFO lets an effect happen unasked, ${WAY_OUT}; say CONFIRM or VERIFY`]
      : []),
    ...silent.map((at) => `${at}: approve takes silence for consent, ${WAY_OUT}; say escalate or expire`),
    ...(authentication === undefined || isAtLeast(authentication, floor)
      ? []
      : [
          `policy.authentication: ${authentication} is less than ${floor}, which the reviewers directory asks; leave it out`,
        ]),
  ];
  return weak.length === 0 ? undefined : weak.join('; ');
}

/** What is known of a proposal when its policy has been picked. */
export interface Meeting {
  readonly directory: Directory | undefined;
  readonly risk: Risk;
  readonly effect: boolean;
  /** Rules have picked it. */
  readonly ruled: boolean;
}

/** The policy that a gate is asked under, or why there is none. */
export function floored(
  policy: Policy,
  { directory, risk, effect, ruled }: Meeting,
): { readonly ok: true; readonly policy: Policy } | { readonly ok: false; readonly problem: string } {
  const floor = floorOf(directory, { confirmation: policy.confirmation, risk });
  const problem = ruled ? undefined : tooWeak(policy, floor, { effect });
  return problem === undefined ? { ok: true, policy: raised(policy, floor) } : { ok: false, problem };
}
