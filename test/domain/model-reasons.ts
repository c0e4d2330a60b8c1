/** Every reason why a decision would not count, told one by one from the words of the design; which comes first is the core's own. */
import type { Decision } from '../../src/domain/gate/decision';
import type { Verdict } from '../../src/domain/policy';
import { shownAgain } from './model-shown';
import { authentic, barred, listed, personOf, spokeElsewhere, voiceOf, type Heard } from './authority';
import {
  digestNow,
  lasting,
  levelOf,
  phraseOf,
  question,
  revisionOf,
  stands,
  type Act,
  type State,
  type To,
} from './model';

const ALL = 'approve edit reject revise respond escalate delegate withdraw extend comment cancel'.split(
  ' ',
) as Verdict[];

/** What may be said now, in the order of the design's table. */
export function offered(state: State): Verdict[] {
  if (state.status === 'proposing') return ['comment', 'cancel'];
  if (state.status === 'approved') return ['cancel'];
  return state.status === 'open' || state.status === 'waiting' ? ALL.filter((one) => offers(state, one)) : [];
}

function offers(state: State, verdict: Verdict): boolean {
  const { policy, failed } = question(state);
  if (verdict === 'comment' || verdict === 'cancel') return true;
  if ((verdict === 'revise' && exhausted(state)) || (verdict === 'escalate' && atTheTop(state))) return false;
  if (failed && verdict === 'reject') return true; // whatever the policy offers
  if (failed && !['respond', 'revise', 'escalate'].includes(verdict)) return false;
  return policy.verdicts?.includes(verdict) ?? true;
}

function exhausted(state: State): boolean {
  return state.sentBack >= (question(state).policy.maxRevisions ?? 3);
}

function atTheTop(state: State): boolean {
  return state.rung + 1 >= question(state).policy.levels.length;
}

export interface Sent {
  readonly to: To;
  readonly at: number;
  readonly decision: Decision;
}

/** `again` tells that it is answered as before; else all reasons, of which `first` goes before any other. */
export interface Judged {
  readonly again?: true;
  readonly first?: string;
  readonly reasons: readonly string[];
}

export function judged(acts: readonly Act[], state: State, sent: Sent): Judged {
  const { to, decision } = sent;
  const before = acts.find(
    (act) =>
      (act.did === 'said' && act.to === to && act.decision.id === decision.id) ||
      (act.did === 'turned away' && act.to === to && act.id === decision.id),
  );
  if (before !== undefined) {
    const content =
      before.did === 'said' ? contentOf(before.decision) : before.did === 'turned away' ? before.content : '';
    return content === contentOf(decision)
      ? { again: true, reasons: [] }
      : { first: 'ID_REUSED', reasons: ['ID_REUSED'] };
  }
  const first =
    barringState(state, sent) ?? (decision.digest === digestNow(state) ? undefined : 'STALE_REVISION');
  return first === undefined ? { reasons: reasonsOf(state, sent) } : { first, reasons: [first] };
}

/** The same whatever order its keys come in; what is signed once more says the same. */
export function contentOf(sent: object): string {
  const said = Object.entries(sent).filter(([key]) => key !== 'signature' && key !== 'vouch');
  return JSON.stringify(said.sort(([one], [other]) => (one < other ? -1 : 1)));
}

function barringState(state: State, { to, decision: { verdict } }: Sent): string | undefined {
  const { status } = state;
  if (status === 'closed' || status === 'executing') return 'GATE_CLOSED';
  if (status === 'approved') return verdict === 'cancel' ? undefined : 'GATE_CLOSED';
  if (status === 'proposing')
    return verdict === 'comment' || verdict === 'cancel' ? undefined : 'BEING_REVISED';
  return status === 'waiting' && to === 'root' ? 'ASK_CHILD' : undefined;
}

function reasonsOf(state: State, { at, decision }: Sent): string[] {
  const { verdict } = decision;
  const { failed } = question(state);
  const asked = state.status === 'open' || state.status === 'waiting';
  const nothing = failed && (verdict === 'approve' || verdict === 'edit');
  const able = state.status === 'approved' || offers(state, verdict);
  const spent = verdict === 'revise' && exhausted(state);
  const top = verdict === 'escalate' && atTheTop(state);
  return [
    ...when(nothing, 'NOTHING_PROPOSED'),
    ...when(spent, 'REVISIONS_EXHAUSTED'),
    ...when(top, 'NO_NEXT_LEVEL'),
    ...when(!able && !nothing && !spent && !top, 'VERDICT_NOT_OFFERED'),
    ...when(asked && at >= state.deadlines!.now, 'DEADLINE_PASSED'),
    ...who(state, decision),
    ...unsigned(state, decision, at),
    ...tooOld(state, decision, at),
    ...shownOtherwise(state, decision, asked),
    ...needs(decision),
    ...phrased(state, decision),
    ...once(state, decision),
    ...delegates(state, decision),
    ...extending(state, decision),
  ];
}

const when = (holds: boolean, reason: string) => (holds ? [reason] : []);

const known = ({ directory }: State, name: string) =>
  directory === undefined ||
  directory.people.some((one) => one.name === name || one.aliases?.includes(name) === true);

function who(state: State, { verdict, reviewer }: Decision): string[] {
  const person = personOf(state, reviewer);
  const asked = person === personOf(state, state.requester);
  if (verdict === 'cancel') return when(!asked, 'NOT_THE_REQUESTER');
  if (asked && verdict === 'comment') return [];
  const revision = revisionOf(state);
  const level = levelOf(state);
  const { policy } = question(state);
  const { edges } = stands(state);
  const speaks = ['approve', 'edit', 'reject', 'delegate'].includes(verdict);
  const out = barred(state, revision, person);
  return [
    ...when(out && asked, 'REQUESTER_CANNOT_DECIDE'),
    ...when(out && !asked, 'OWNER_CANNOT_DECIDE'),
    ...when(!known(state, reviewer), 'UNKNOWN_REVIEWER'),
    ...when(!listed(state, level, person) && !edges.some(({ to }) => to === person), 'NOT_AN_APPROVER'),
    ...when(
      speaks &&
        policy.separation.acrossLevels &&
        spokeElsewhere(state, revision, level.name).includes(person),
      'SIGNED_AT_ANOTHER_LEVEL',
    ),
  ];
}

const SIGNATURE = ['UNKNOWN_KEY', 'KEY_REVOKED', 'KEY_NOT_VALID', 'SIGNATURE_TIMES', 'SIGNATURE_EXPIRED'];

function unsigned(state: State, decision: Decision, at: number): readonly string[] {
  const revision = revisionOf(state);
  const heard: Heard = { decision, at, revision, level: '' };
  if (authentic(state, revision, heard)) return [];
  return decision.signature === undefined ? ['UNAUTHENTICATED'] : SIGNATURE;
}

/** What was signed as long ago as an approval may wait. */
function tooOld(state: State, { signature }: Decision, at: number): string[] {
  const { executeWithin } = question(state).policy;
  if (state.directory === undefined || signature === undefined || executeWithin === undefined) return [];
  return when(at - Date.parse(signature.issued) >= lasting(executeWithin), 'SIGNATURE_TOO_OLD');
}

/** It may be left out where names are believed, and while nobody is asked. */
function shownOtherwise(state: State, { shown }: Decision, asked: boolean): string[] {
  const needed = asked && question(state).policy.authentication === 'signed';
  return when(shown === undefined ? needed : shown !== shownAgain(state), 'SHOWN_OTHERWISE');
}

function needs({ verdict, comment, args, answer, to, until, phrase }: Decision): string[] {
  const lacks = (wanted: readonly string[], given: unknown, code: string) =>
    when(wanted.includes(verdict) && given === undefined, code);
  const stray = (wanted: readonly string[], given: unknown) =>
    when(!wanted.includes(verdict) && given !== undefined, 'UNEXPECTED_FIELD');
  return [
    ...lacks(['reject', 'revise', 'escalate', 'comment'], words(comment), 'COMMENT_REQUIRED'),
    ...lacks(['edit'], args, 'ARGS_REQUIRED'),
    ...lacks(['respond'], answer, 'ANSWER_REQUIRED'),
    ...lacks(['delegate'], to, 'DELEGATE_REQUIRED'),
    ...lacks(['extend'], until, 'UNTIL_REQUIRED'),
    ...stray(['edit'], args),
    ...stray(['respond'], answer),
    ...stray(['delegate'], to),
    ...stray(['extend'], until),
    ...stray(['approve', 'edit'], phrase),
  ];
}

/** Undefined where there is nothing to be seen in it. */
function words(comment = ''): string | undefined {
  return [...comment].some((character) => !/\p{C}|\p{Z}/u.test(character)) ? comment : undefined;
}

function phrased(state: State, { verdict, phrase: typed }: Decision): string[] {
  const phrase = phraseOf(state);
  if (verdict !== 'approve' && verdict !== 'edit') return [];
  if (phrase === undefined) return when(typed !== undefined, 'UNEXPECTED_FIELD');
  if (typed === undefined) return ['PHRASE_REQUIRED'];
  return when(typed !== phrase, 'PHRASE_MISMATCH');
}

function once(state: State, { verdict, reviewer }: Decision): string[] {
  const { yes, no, edges } = stands(state);
  const person = personOf(state, reviewer);
  const among = (heard: readonly Heard[], persons: readonly string[]) =>
    heard.some(({ decision }) => persons.includes(personOf(state, decision.reviewer)));
  if (verdict === 'withdraw') return when(!among([...yes, ...no], [person]), 'NOTHING_TO_WITHDRAW');
  const own = voiceOf(edges, person);
  const signed = (verdict === 'approve' && among(yes, own)) || (verdict === 'reject' && among(no, own));
  return when(signed, 'ALREADY_SIGNED');
}

/** Somebody else, who is known, and never the requester; nor an owner, where those may not decide. */
function delegates(state: State, { verdict, reviewer, to }: Decision): string[] {
  if (verdict !== 'delegate' || to === undefined) return [];
  const person = personOf(state, to);
  const never =
    person === personOf(state, state.requester) ||
    barred(state, revisionOf(state), person) ||
    person === personOf(state, reviewer) ||
    !known(state, to) ||
    to === '*';
  return when(never, 'DELEGATE_NOT_ALLOWED');
}

function extending(state: State, { verdict, until }: Decision): string[] {
  const { deadlines } = state;
  if (verdict !== 'extend' || until === undefined || deadlines === undefined) return [];
  const most = deadlines.first + lasting(question(state).policy.maxExtension ?? '7 days');
  const wanted = Date.parse(until);
  return when(wanted <= deadlines.now || wanted > most, 'EXTENSION_NOT_ALLOWED');
}
