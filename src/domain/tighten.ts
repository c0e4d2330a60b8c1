/**
 * A caller may bring a policy of its own, as long as it is no looser than what the rules say. What is let through under the
 * result, the rules would have let through as well, on the same words by the same people at the same times.
 */
import { CONFIRMATIONS } from './confirmation';
import { defined } from './defined';
import { GRADES } from './grade';
import { atLeast, list, shown, span, unless } from './looser';
import { maxExtension, maxRevisions, type Policy } from './policy';
import { completedLevel, looserLevels } from './tighten-level';

/** `policy`: the given one, with what it leaves out taken from the ruled one. `problem` names each field and both values. */
export type Tightened =
  { readonly ok: true; readonly policy: Policy } | { readonly ok: false; readonly problem: string };

/** The most that is said of it. */
const SAID = 2_000;

/**
 * Never throws. Levels are compared by their place, whatever they are called, and there are as many as the rules have: one more
 * at the end would be asked after silence, and whoever brings it could be on it.
 */
export function tightened(ruled: Policy, given: Policy): Tightened {
  const policy = completed(ruled, given);
  const looser = [...looserThan(ruled, policy), ...looserLevels(ruled, policy)];
  if (looser.length === 0) return { ok: true, policy };
  return {
    ok: false,
    problem: looser
      .map((one) => `policy.${one}`)
      .join('; ')
      .slice(0, SAID),
  };
}

function completed(ruled: Policy, given: Policy): Policy {
  const { confirmation: _c, levels: _l, onSilence: _o, separation, ...optional } = ruled;
  const { proven } = separation;
  return {
    ...optional,
    ...given,
    separation: { ...defined({ proven }), ...given.separation },
    levels: given.levels.map((level, rung) => completedLevel(ruled.levels[rung], level)),
  };
}

function looserThan(ruled: Policy, given: Policy): string[] {
  return [
    ...atLeast(CONFIRMATIONS, 'confirmation', given.confirmation, ruled.confirmation),
    ...phrase(ruled, given),
    ...(['requester', 'acrossLevels'] as const).flatMap((side) =>
      unless(
        given.separation[side] || !ruled.separation[side],
        `separation.${side}`,
        given.separation[side],
        ruled.separation[side],
      ),
    ),
    ...unless(
      given.separation.proven === true || ruled.separation.proven !== true,
      'separation.proven',
      given.separation.proven,
      ruled.separation.proven,
    ),
    ...unless(
      maxRevisions(given) <= maxRevisions(ruled),
      'maxRevisions',
      maxRevisions(given),
      maxRevisions(ruled),
    ),
    ...unless(
      maxExtension(given) <= maxExtension(ruled),
      'maxExtension',
      given.maxExtension ?? 'the default of 7 days',
      ruled.maxExtension ?? 'the default of 7 days',
    ),
    ...unless(
      span(given.executeWithin) <= span(ruled.executeWithin),
      'executeWithin',
      given.executeWithin,
      ruled.executeWithin,
    ),
    ...verdicts(ruled, given),
    ...atLeast(GRADES, 'authentication', given.authentication, ruled.authentication),
  ];
}

/** Where the rules leave the phrase to the action, which names what it will touch, nobody may put another in its place. */
function phrase(ruled: Policy, given: Policy): string[] {
  if (ruled.phrase !== undefined)
    return given.phrase === ruled.phrase
      ? []
      : [`phrase: ${shown(given.phrase)} is another one than the rules', ${ruled.phrase}`];
  if (ruled.confirmation !== 'VERIFY' || given.phrase === undefined) return [];
  return [
    `phrase: ${given.phrase} is another one than the action's own, which the rules ask for; leave it out`,
  ];
}

/** A part of what the rules offer. No may not be taken off the ballot. */
function verdicts({ verdicts: ruled }: Policy, { verdicts: given }: Policy): string[] {
  if (given === undefined) return [];
  const more = ruled === undefined ? [] : given.filter((verdict) => !ruled.includes(verdict));
  const no = given.includes('reject') || ruled?.includes('reject') === false;
  const offered = ruled === undefined ? 'all verdicts' : list(ruled);
  return [
    ...(more.length === 0 ? [] : [`verdicts: ${list(more)} is not among what the rules offer, ${offered}`]),
    ...(no ? [] : [`verdicts: ${list(given)} leaves out reject, and the rules offer ${offered}`]),
  ];
}
