/**
 * Of what was heard, what the gate's policy admits: said by somebody who was asked there, surely enough. A no that was said there stays a
 * no, also where a reset has taken it out of the history that is executed now, and whoever acts for somebody does so by what was heard,
 * not by what the evidence names.
 */
import type { Decision } from './gate/decision';
import type { Instant } from './gate/state';
import { wordsOf, type Ranked } from './heard';
import type { PeopleLevel } from './policy';
import { known, personOf, type Directory } from './reviewers';
import { mayDecide, rejectionsMet, sameVoice, voiceOf, type Delegation, type Seats } from './voices';

export interface Asking {
  readonly directory: Directory | undefined;
  /** Persons. */
  readonly requester: string;
  readonly barred: readonly string[];
  /** Its sender is known as surely as the policy asks. */
  readonly isSure: (decision: Decision, level: string, at: Instant) => boolean;
}

export interface Told extends Ranked {
  readonly level: string;
  readonly person: string;
  /** Who acts for whom at the level by then. */
  readonly seats: Seats;
}

/** Everything that was admissible at a level, in the order of receipt. The same words again say nothing. */
export function toldAt(level: PeopleLevel, heard: readonly Ranked[], asking: Asking): readonly Told[] {
  const { directory, isSure } = asking;
  const told: Told[] = [];
  const said = new Set<string>();
  let seats: Seats = { reviewers: directory, delegations: [] };
  for (const one of heard) {
    const { decision, at } = one;
    if (one.level !== undefined && one.level !== level.name) continue;
    const person = known(directory, decision.reviewer);
    if (!isAsked(seats, level, asking, decision) || !isSure(decision, level.name, at)) continue;
    const words = wordsOf(decision);
    const delegation = decision.verdict === 'delegate' ? delegated(asking, decision, person, at) : undefined;
    if (said.has(words) || (decision.verdict === 'delegate' && delegation === undefined)) continue;
    said.add(words);
    if (delegation !== undefined) seats = { ...seats, delegations: [...seats.delegations, delegation] };
    told.push({ ...one, level: level.name, person, seats });
  }
  return told;
}

/** The requester may call it off; anything else is for those whom the level asks. */
function isAsked(seats: Seats, level: PeopleLevel, asking: Asking, { verdict, reviewer }: Decision): boolean {
  const { directory, requester, barred } = asking;
  if (verdict === 'cancel') return known(directory, reviewer) === requester;
  const person = personOf(directory, reviewer);
  return person !== undefined && !barred.includes(person) && mayDecide(seats, level, person);
}

function delegated(
  { directory, requester, barred }: Asking,
  { id, to: name = '' }: Decision,
  from: string,
  at: Instant,
): Delegation | undefined {
  const to = personOf(directory, name);
  return to === undefined || [...barred, requester, from, '*'].includes(to)
    ? undefined
    : { from, to, decision: id, at: new Date(at).toISOString() };
}

/**
 * The rank up to which every approval is void: the last at which the rejections of one level were as many as it takes, or the
 * requester called it off. Undefined where that never was.
 * @param told of each level, in the levels' order
 */
export function lastNo(
  told: readonly (readonly Told[])[],
  levels: readonly PeopleLevel[],
): number | undefined {
  const ends = [
    ...told
      .flat()
      .filter(({ decision }) => decision.verdict === 'cancel')
      .map(({ rank }) => rank),
    ...levels.flatMap((level, rung) => rejectedAt(told[rung] ?? [], level)),
  ];
  return ends.length === 0 ? undefined : Math.max(...ends);
}

/** Each rank at which the level's rejections are met. One voice either signs or rejects: the later word counts. */
function rejectedAt(told: readonly Told[], level: PeopleLevel): number[] {
  let standing: readonly { readonly reviewer: string }[] = [];
  const met: number[] = [];
  for (const { decision, rank, seats } of told) {
    const { verdict, reviewer } = decision;
    if (verdict === 'approve' || verdict === 'edit' || verdict === 'withdraw' || verdict === 'reject')
      standing = standing.filter((one) => !sameVoice(seats, one.reviewer, reviewer));
    if (verdict !== 'reject') continue;
    standing = [...standing, { reviewer }];
    if (rejectionsMet(seats, level, standing)) met.push(rank);
  }
  return met;
}

/** Whether the signer has withdrawn what was received at that rank, or one voice with the signer has said no since. */
export function isTakenBack(told: readonly Told[], signer: string, rank: number): boolean {
  return told.some(
    (one) =>
      one.rank > rank &&
      ((one.decision.verdict === 'withdraw' && one.person === signer) ||
        (one.decision.verdict === 'reject' && sameVoice(one.seats, one.person, signer))),
  );
}

/** Everybody whose voice was used at a level on a digest, and who has not withdrawn it. */
export function spokenFor(told: readonly Told[], digest: string): readonly string[] {
  const seats = told.at(-1)?.seats;
  if (seats === undefined) return [];
  const withdrawn = ({ person, rank }: Told) =>
    told.some((one) => one.decision.verdict === 'withdraw' && one.person === person && one.rank > rank);
  return told
    .filter(({ decision }) => decision.digest === digest && SPEAKS.includes(decision.verdict))
    .filter((one) => !withdrawn(one))
    .flatMap(({ person }) => voiceOf(seats, person));
}

const SPEAKS: readonly string[] = ['approve', 'edit', 'reject'];
