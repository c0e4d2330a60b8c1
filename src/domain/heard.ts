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
 * The first that says this, whatever proves who said it: a signature may have other bytes that hold as well, and a vouch beside it can be
 * left out. Who sends an old decision once more, in whichever bytes, says nothing new.
 */
export function firstSaid<One extends Heard>(heard: readonly One[], decision: Decision): One | undefined {
  const text = contentOf(decision);
  return heard.find((one) => one.decision.id === decision.id && contentOf(one.decision) === text);
}

function contentOf({ signature: _signature, vouch: _vouch, ...said }: Decision): string {
  return canonical(said);
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
  const inOrder = [...said].sort((one, other) => one.rank - other.rank);
  for (const { decision, rank } of inOrder) {
    const { verdict, reviewer } = decision;
    // An approval that is sent once more takes no later rejection back.
    if (verdict !== 'reject' && firstSaid(inOrder, decision)?.rank !== rank) continue;
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

/**
 * Whether a signature at that level was taken back after it was received at that rank: by its signer's withdrawal, or by a no of the same
 * voice, whose later word counts.
 */
export function isTakenBack(
  admissible: readonly Ranked[],
  level: string,
  seats: Seats,
  signer: string,
  rank: number,
): boolean {
  const saidNo = ({ decision, level: at, rank: later }: Ranked): boolean => {
    if (decision.verdict !== 'reject' || at !== level || later <= rank) return false;
    // As the voices were then: whoever is tied to the signer later on has spoken for himself.
    const delegations = seats.delegations.filter((tie) =>
      admissible.some((one) => one.decision.id === tie.decision && one.rank < later),
    );
    return sameVoice({ ...seats, delegations }, signer, decision.reviewer);
  };
  return isWithdrawn(admissible, seats.reviewers, signer, rank) || admissible.some(saidNo);
}
