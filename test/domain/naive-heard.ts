/** What people have said of a question, as far as they were asked and it is sure who said it; and what that makes void. */
import type { PeopleLevel, Policy } from '../../src/domain/policy';
import type { Directory } from '../../src/domain/reviewers';
import { called, isAsked, owners, person, voice, voices, type Edge } from './naive-people';
import { enough } from './naive-policy';
import { gradeThen, textOf } from './naive-proofs';
import type { Said, World } from './naive-world';

export interface Case {
  readonly world: World;
  readonly policy: Policy;
  readonly level: PeopleLevel;
  readonly directory: Directory | undefined;
}

/** Said at a level by somebody who was asked there, surely enough when it was received. */
export interface Heard extends Said {
  readonly level: string;
  readonly rank: number;
  readonly who: string;
  /** Who acts for whom there by then. */
  readonly edges: readonly Edge[];
}

/** Everything in the order of receipt. */
export const inOrder = ({ server }: World) =>
  server.heard
    .map((one, nth) => ({ one, nth }))
    .sort((a, b) => a.one.at - b.one.at || a.nth - b.nth)
    .map(({ one }, rank) => ({ ...one, rank }));

export function barred({ world, policy, directory }: Case, more: readonly string[]): string[] {
  const { requester, by } = world.evidence;
  if (!policy.separation.requester) return [];
  return [called(directory, requester), ...owners(directory, requester, by), ...more];
}

export function admissible(of: Case, level: PeopleLevel): Heard[] {
  const { world, policy, directory } = of;
  const requester = called(directory, world.evidence.requester);
  const out = barred(of, []);
  const said: Heard[] = [];
  let edges: readonly Edge[] = [];
  for (const one of inOrder(world)) {
    const { decision, at } = one;
    if (one.level !== undefined && one.level !== level.name) continue;
    // A repeat says nothing that was not said before.
    if (said.some((before) => textOf(before.decision).said === textOf(decision).said)) continue;
    const who = called(directory, decision.reviewer);
    const asked =
      decision.verdict === 'cancel'
        ? who === requester
        : person(directory, decision.reviewer) !== undefined &&
          !out.includes(who) &&
          isAsked(directory, level, edges, who);
    if (!asked) continue;
    const found = gradeThen(world, directory, policy.confirmation, decision, level.name, at);
    if (found === undefined || !enough(found, policy.authentication!)) continue;
    if (decision.verdict === 'delegate') {
      const to = person(directory, decision.to ?? '');
      if (to === undefined || [...out, requester, who, '*'].includes(to)) continue;
      edges = [...edges, { from: who, to }];
    }
    said.push({ ...one, level: level.name, who, edges });
  }
  return said;
}

/** When, in the order of receipt, everything before became void: the requester called it off, or enough said no at one time. */
export function voidUntil(of: Case, level: PeopleLevel, said: readonly Heard[]): number {
  const ends = said.filter(({ decision }, nth) => {
    if (decision.verdict === 'cancel') return true;
    if (decision.verdict !== 'reject') return false;
    const { edges } = said[nth]!;
    const until = said.slice(0, nth + 1);
    const speaks = (one: Heard) => ['approve', 'edit', 'reject', 'withdraw'].includes(one.decision.verdict);
    const last = (one: Heard, at: number) =>
      !until.slice(at + 1).some((later) => speaks(later) && voice(later.edges, later.who).includes(one.who));
    const noes = until
      .filter((one, at) => one.decision.verdict === 'reject' && last(one, at))
      .map(({ who }) => who);
    const found = voices(of.directory, edges, noes);
    return (
      found.length >= level.rejections ||
      (level.groups ?? []).some(
        ({ role, rejections = Infinity }) =>
          found.filter((roles) => roles.includes(role)).length >= rejections,
      )
    );
  });
  return Math.max(-1, ...ends.map(({ rank }) => rank));
}

/** Everybody whose voice was used on this digest at another level, and who has not taken it back. */
export function elsewhere({ world, level, directory }: Case, told: readonly Heard[][]): string[] {
  const spoke = told
    .filter((said) => said[0]?.level !== level.name)
    .flatMap((said) =>
      said
        .filter(({ decision }) => decision.digest === world.question.digest)
        .filter(({ decision }) => ['approve', 'edit', 'reject'].includes(decision.verdict))
        .filter(
          ({ who, rank }) =>
            !said.some((one) => one.decision.verdict === 'withdraw' && one.who === who && one.rank > rank),
        )
        .flatMap(({ who }) => voice(said.at(-1)!.edges, who)),
    );
  return [...spoke, ...world.evidence.before.map((name) => called(directory, name))];
}
