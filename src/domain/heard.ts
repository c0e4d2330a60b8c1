/**
 * What people have said of a question, over every branch of its record and every run of its workflow: a no that was said there stays
 * a no, also where a reset has taken it out of the history that is executed now.
 */
import { canonical } from './digest';
import type { Decision } from './decision';
import type { Instant } from './gate-state';
import type { PeopleLevel } from './policy';
import type { Directory } from './reviewers';
import { known } from './reviewers';
import { rejectionsMet, sameVoice, type Seats } from './voices';

/** A decision as the store or a history holds it, with when it was received. */
export interface Heard {
  readonly decision: Decision;
  /** The level that it was taken at; of a signal that no entry tells of: unknown. */
  readonly level?: string | undefined;
  readonly at: Instant;
}

/** With its place in the order of receipt: several decisions may come within one millisecond. */
export type Ranked = Heard & { readonly rank: number };

/** By time; what came at the same moment stays in the order in which it is given, as the record has it. */
export function ranked(heard: readonly Heard[]): Ranked[] {
  return [...heard].sort((one, other) => one.at - other.at).map((one, rank) => ({ ...one, rank }));
}

/** The first that is this decision, whole as it was sent; undefined where nothing tells of it. */
export function firstHeard<One extends Heard>(heard: readonly One[], decision: Decision): One | undefined {
  const text = canonical(decision);
  return heard.find((one) => one.decision.id === decision.id && canonical(one.decision) === text);
}

/**
 * The rank up to which every approval is void: the last at which the rejections of one level were as many as it takes, or the
 * requester called it off. Undefined where that never was.
 * @param admissible of `heard`: those alone that the gate's policy admits at that level
 */
export function lastNo(
  admissible: readonly Ranked[],
  levels: readonly PeopleLevel[],
  seats: Seats,
): number | undefined {
  const ends = [
    ...admissible.filter(({ decision }) => decision.verdict === 'cancel').map(({ rank }) => rank),
    ...levels.flatMap((level) =>
      rejectedAt(
        admissible.filter((one) => one.level === undefined || one.level === level.name),
        level,
        seats,
      ),
    ),
  ];
  return ends.length === 0 ? undefined : Math.max(...ends);
}

/** Each rank at which the level's rejections are met. One voice either signs or rejects: the later word counts. */
function rejectedAt(said: readonly Ranked[], level: PeopleLevel, seats: Seats): number[] {
  let standing: readonly { readonly reviewer: string }[] = [];
  const met: number[] = [];
  for (const { decision, rank } of [...said].sort((one, other) => one.rank - other.rank)) {
    const { verdict, reviewer } = decision;
    if (verdict === 'approve' || verdict === 'edit' || verdict === 'withdraw' || verdict === 'reject')
      standing = standing.filter((one) => !sameVoice(seats, one.reviewer, reviewer));
    if (verdict !== 'reject') continue;
    standing = [...standing, { reviewer }];
    if (rejectionsMet(seats, level, standing)) met.push(rank);
  }
  return met;
}

/** Whether the signer has taken back what was received at that rank. */
export function isWithdrawn(
  admissible: readonly Ranked[],
  directory: Directory | undefined,
  signer: string,
  rank: number,
): boolean {
  const person = known(directory, signer);
  return admissible.some(
    (one) =>
      one.decision.verdict === 'withdraw' &&
      known(directory, one.decision.reviewer) === person &&
      one.rank > rank,
  );
}
