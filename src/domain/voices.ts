/**
 * Who may decide at a level, and whose signatures count as one: a person with all aliases, together with everybody who acts on
 * that person's behalf, has one voice, and each group must be met by voices of its own.
 */
import { z } from 'zod';
import type { Grade } from './grade';
import { groupsMet } from './groups';
import { approversOf, type PeopleLevel, type Policy } from './policy';
import { hasRole, known, type Directory } from './reviewers';
import { wire, type Wire } from './wire';

const DelegationShape = z.strictObject({
  from: z.string(),
  to: z.string(),
  /** The id of the decision that said so. */
  decision: z.string(),
  /** ISO 8601 UTC. */
  at: z.iso.datetime(),
});
/** `to` acts on behalf of `from`; both are persons, never aliases. */
export const Delegation = wire(DelegationShape);
/** `to` acts on behalf of `from`; both are persons, never aliases. @interface */
export type Delegation = Wire<typeof DelegationShape>;

/** What has to be known to tell who counts. */
export interface Seats {
  readonly reviewers?: Directory | undefined;
  readonly delegations: readonly Delegation[];
}

interface Barring {
  readonly policy: Policy;
  readonly reviewers?: Directory | undefined;
  readonly requester: string;
  /** Persons. */
  readonly owners: readonly string[];
}

/** Everybody who shares a voice with a person, that person among them, sorted. */
export function voiceOf({ delegations }: Pick<Seats, 'delegations'>, person: string): readonly string[] {
  const members = new Set([person]);
  for (let before = 0; before < members.size;) {
    before = members.size;
    for (const { from, to } of delegations)
      if (members.has(from) || members.has(to)) members.add(from).add(to);
  }
  return [...members].sort();
}

export function sameVoice(seats: Seats, one: string, other: string): boolean {
  return voiceOf(seats, known(seats.reviewers, one)).includes(known(seats.reviewers, other));
}

/** The distinct voices of those who signed. */
export function voices(
  seats: Seats,
  signed: readonly { readonly reviewer: string }[],
): (readonly string[])[] {
  const heard = new Map<string | undefined, readonly string[]>();
  for (const { reviewer } of signed) {
    const voice = voiceOf(seats, known(seats.reviewers, reviewer));
    heard.set(voice[0], voice);
  }
  return [...heard.values()];
}

/** Named by the level, in a role that it asks, or on behalf of somebody who may: a chain of delegations starts with one. */
export function mayDecide(seats: Seats, level: PeopleLevel, person: string): boolean {
  return able(seats, level)(person);
}

/** The delegations that go on under another policy: a chain starts with one who may decide there, and passes nobody barred. */
export function standing(seats: Seats, level: PeopleLevel, barred: readonly string[]): Delegation[] {
  const delegations = seats.delegations.filter(({ from }) => !barred.includes(from));
  const may = able({ ...seats, delegations }, level);
  return delegations.filter(({ from }) => may(from));
}

function able({ reviewers, delegations }: Seats, level: PeopleLevel): (person: string) => boolean {
  const found = new Set(approversOf(level, reviewers));
  for (let before = -1; before < found.size;) {
    before = found.size;
    for (const { from, to } of delegations) if (found.has(from)) found.add(to);
  }
  return (person) => found.has('*') || found.has(person);
}

/** Who may not decide at any level: the requester, and who answers for the agent, unless the policy says otherwise. */
export function barredFrom({ policy, reviewers, requester, owners }: Barring): readonly string[] {
  return policy.separation.requester ? [known(reviewers, requester), ...owners] : [];
}

/** The delegators on whose behalf a person acts, who could not decide otherwise. */
export function onBehalfOf(seats: Seats, level: PeopleLevel, person: string): string | undefined {
  const able = approversOf(level, seats.reviewers);
  if (able.includes('*') || able.includes(person)) return undefined;
  return seats.delegations.find(({ to }) => to === person)?.from;
}

/**
 * For groups: of each voice those who signed, and those on whose behalf. The delegator's roles are the delegate's to use, never
 * the other way round: naming somebody in a role signs for no group.
 */
function behind(seats: Seats, signed: readonly { readonly reviewer: string }[]): (readonly string[])[] {
  const signers = signed.map(({ reviewer }) => known(seats.reviewers, reviewer));
  return voices(seats, signed).map((voice) => {
    const persons = new Set(signers.filter((one) => voice.includes(one)));
    for (let before = 0; before < persons.size;) {
      before = persons.size;
      for (const { from, to } of seats.delegations) if (persons.has(to)) persons.add(from);
    }
    return [...persons];
  });
}

/** A reviewer, and how surely it was that person: without a grade the name is believed. */
interface Heard {
  readonly reviewer: string;
  readonly authentication?: Grade | undefined;
}

/** As many voices as the level asks, of them as many signed, and each of its groups met by voices of its own. */
export function quorumMet(seats: Seats, level: PeopleLevel, signed: readonly Heard[]): boolean {
  const heard = behind(seats, signed);
  return (
    heard.length >= level.quorum &&
    signedVoices(seats, signed) >= (level.signedAtLeast ?? 0) &&
    groupsMet(seats.reviewers, level.groups ?? [], heard)
  );
}

/** Voices that a level needs at the least. */
export function voicesNeeded({ quorum, signedAtLeast = 0, groups = [] }: PeopleLevel): number {
  const seats = groups.reduce((sum, group) => sum + group.quorum, 0);
  return Math.max(quorum, signedAtLeast, seats);
}

/** Distinct voices of those who have signed with a key of their own. */
export function signedVoices(seats: Seats, signed: readonly Heard[]): number {
  return voices(
    seats,
    signed.filter(({ authentication }) => authentication === 'signed'),
  ).length;
}

/** As many rejections as end the gate: of the level, or of one of its groups. */
export function rejectionsMet(
  seats: Seats,
  { rejections, groups = [] }: PeopleLevel,
  rejected: readonly { readonly reviewer: string }[],
): boolean {
  const heard = behind(seats, rejected);
  return (
    heard.length >= rejections ||
    groups.some(
      ({ role, rejections: most = Infinity }) =>
        heard.filter((voice) => voice.some((person) => hasRole(seats.reviewers, person, role))).length >=
        most,
    )
  );
}
