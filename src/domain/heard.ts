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

/** By time; what came at the same moment stays in the order in which it is given. */
export function inOrder(heard: readonly Heard[]): Heard[] {
  return [...heard].sort((one, other) => one.at - other.at);
}

/** When a decision, whole as it was sent, was received first; undefined where nothing tells of it. */
export function firstHeard(heard: readonly Heard[], decision: Decision): Instant | undefined {
  const text = canonical(decision);
  const times = heard.filter((one) => canonical(one.decision) === text).map(({ at }) => at);
  return times.length === 0 ? undefined : Math.min(...times);
}

/**
 * The moment up to which every approval is void: the last at which the rejections of one level were as many as it takes, or the
 * requester called it off. Undefined where that never was.
 * @param admissible of `heard`: those alone that the gate's policy admits at that level
 */
export function lastNo(
  admissible: readonly Heard[],
  levels: readonly PeopleLevel[],
  seats: Seats,
): Instant | undefined {
  const ends = [
    ...admissible.filter(({ decision }) => decision.verdict === 'cancel').map(({ at }) => at),
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

/** Each moment at which the level's rejections are met. One voice either signs or rejects: the later word counts. */
function rejectedAt(said: readonly Heard[], level: PeopleLevel, seats: Seats): Instant[] {
  let standing: readonly { readonly reviewer: string; readonly at: Instant }[] = [];
  const met: Instant[] = [];
  for (const { decision, at } of inOrder(said)) {
    const { verdict, reviewer } = decision;
    if (verdict === 'approve' || verdict === 'edit' || verdict === 'withdraw' || verdict === 'reject')
      standing = standing.filter((one) => !sameVoice(seats, one.reviewer, reviewer));
    if (verdict !== 'reject') continue;
    standing = [...standing, { reviewer, at }];
    if (rejectionsMet(seats, level, standing)) met.push(at);
  }
  return met;
}

/** Whether the signer has taken back what was received at `at`. */
export function isWithdrawn(
  admissible: readonly Heard[],
  directory: Directory | undefined,
  signer: string,
  at: Instant,
): boolean {
  const person = known(directory, signer);
  return admissible.some(
    (one) =>
      one.decision.verdict === 'withdraw' &&
      known(directory, one.decision.reviewer) === person &&
      one.at >= at,
  );
}
