/**
 * What a gate does, from the words of the design and in the simplest code: a list of what happened, gone through from its start
 * each time that anybody asks. Nothing of it is shared with the core that it is compared with.
 */
import type { Decision } from '../../src/domain/gate/decision';
import type { JsonObject } from '../../src/domain/json';
import type { PeopleLevel, Policy } from '../../src/domain/policy';
import type { Directory } from '../../src/domain/reviewers';
import { standing, type Asking, type Heard } from './authority';
import { digestAgain, quorumLacks, turnedDown } from './authority-approval';

/** A revision: what would run, under which policy, and who says so. */
export interface Question {
  readonly policy: Policy;
  readonly by: string;
  readonly action: string;
  /** As the action takes them. */
  readonly args: JsonObject;
  /** The action's own, for VERIFY. */
  readonly phrase?: string | undefined;
  /** Nothing was proposed, and people are asked what is to become of it. */
  readonly failed: boolean;
}

/** The gate that people asked for, or that of a level which is asked in a child workflow: each has ids of its own. */
export type To = string;

export type Act =
  | { readonly did: 'opened' | 'proposed'; readonly now: number; readonly question: Question }
  | {
      readonly did: 'said';
      readonly now: number;
      readonly at: number;
      readonly to: To;
      readonly decision: Decision;
    }
  | { readonly did: 'turned away'; readonly to: To; readonly id: string; readonly content: string }
  /** What an edit's args meet. */
  | {
      readonly did: 'assessed';
      readonly now: number;
      readonly question: Omit<Question, 'by' | 'action' | 'failed'>;
    }
  | { readonly did: 'level asked' | 'rang' | 'lapsed' | 'level cancelled'; readonly now: number }
  /** An operator terminated a level, or its edit cannot be asked: nothing of it is known. */
  | { readonly did: 'level lost'; readonly now: number }
  | { readonly did: 'cancelled' | 'began' | 'held' }
  | { readonly did: 'ended'; readonly outcome: 'executed' | 'approved' | 'failed' };

export interface Told {
  readonly directory: Directory | undefined;
  readonly requester: string;
  readonly acts: readonly Act[];
}

export interface State {
  readonly directory: Directory | undefined;
  readonly requester: string;
  status: 'proposing' | 'open' | 'waiting' | 'approved' | 'executing' | 'closed';
  outcome?: string;
  /** Revision 1 first. */
  readonly questions: Question[];
  readonly askings: Asking[];
  heard: Heard[];
  /** Index of the level. */
  rung: number;
  /** Of the level that is asked: first and now. */
  deadlines?: { readonly first: number; readonly now: number } | undefined;
  sentBack: number;
  executeBefore?: number | undefined;
  /** An edit waits for what it meets. */
  edit?: Heard | undefined;
}

const HOURS: Readonly<Record<string, number>> = {
  minute: 1 / 60,
  minutes: 1 / 60,
  hour: 1,
  hours: 1,
  day: 24,
  days: 24,
};

/** `4 hours`, as policies write it. */
export function lasting(duration: string): number {
  const [count, unit = ''] = duration.split(' ');
  return Number(count) * HOURS[unit]! * 3_600_000;
}

export function stateOf({ directory, requester, acts }: Told): State {
  const state: State = {
    directory,
    requester,
    status: 'proposing',
    questions: [],
    askings: [],
    heard: [],
    rung: 0,
    sentBack: 0,
  };
  for (const act of acts) happens(state, act);
  return state;
}

export const question = ({ questions }: State) => questions.at(-1)!;
export const levelOf = (state: State): PeopleLevel => question(state).policy.levels[state.rung]!;
export const revisionOf = ({ questions }: State) => questions.length;

function happens(state: State, act: Act): void {
  switch (act.did) {
    case 'opened':
    case 'proposed':
      revised(state, act.question);
      return asks(state, act.now);
    case 'said':
      return counts(state, act.decision, act.at, act.now);
    case 'assessed':
      return edited(state, act.question, act.now);
    case 'level asked':
      return times(state, act.now);
    case 'rang':
      return rings(state, act.now);
    case 'level cancelled':
      return up(state, 'failed');
    case 'level lost': {
      const [revision, level] = [revisionOf(state), levelOf(state).name];
      state.heard = state.heard.filter((one) => one.revision !== revision || one.level !== level);
      return up(state, 'failed');
    }
    case 'cancelled':
      if (state.status !== 'executing' && state.status !== 'closed') closes(state, 'cancelled');
      return;
    case 'began':
      state.status = 'executing';
      return;
    case 'held':
      state.status = 'approved';
      return;
    case 'lapsed':
      if (state.executeBefore !== undefined && act.now >= state.executeBefore) closes(state, 'expired');
      return;
    case 'ended':
      return closes(state, act.outcome);
    case 'turned away':
      return;
  }
}

function closes(state: State, outcome: string): void {
  state.status = 'closed';
  state.outcome = outcome;
  state.executeBefore = undefined;
  state.deadlines = undefined;
}

function approves(state: State, at: number): void {
  const { executeWithin } = question(state).policy;
  state.status = 'approved';
  state.deadlines = undefined;
  state.executeBefore = executeWithin === undefined ? undefined : at + lasting(executeWithin);
}

/** INFO asks nobody, unless nothing was proposed; the first level is asked here, any other in a child workflow. */
function asks(state: State, now: number): void {
  const { policy, failed } = question(state);
  state.deadlines = undefined;
  if (policy.confirmation === 'INFO' && !failed) return approves(state, now);
  state.status = state.rung === 0 ? 'open' : 'waiting';
  if (state.rung === 0) times(state, now);
}

function times(state: State, now: number): void {
  const deadline = now + lasting(levelOf(state).respondWithin);
  state.deadlines = { first: deadline, now: deadline };
}

/** The next revision is asked at the level of the same name, else at its policy's first. */
function revised(state: State, next: Question, edit?: Heard): void {
  const before = state.questions.length === 0 ? undefined : levelOf(state).name;
  state.questions.push(next);
  const rung = next.policy.levels.findIndex(({ name }) => name === before);
  state.rung = Math.max(rung, 0);
  const { by, policy } = next;
  const asking = { policy, level: levelOf(state).name, by, phrase: phraseOf(state) };
  state.askings.push(edit === undefined ? asking : { ...asking, edit });
}

export function digestNow(state: State): string {
  return digestAgain({ revision: revisionOf(state), ...question(state) });
}

/** The policy's, else the action's, else verb and the beginning of the digest. */
export function phraseOf(state: State): string | undefined {
  const { policy, phrase, action } = question(state);
  if (policy.confirmation !== 'VERIFY') return undefined;
  return policy.phrase ?? phrase ?? `${action.toUpperCase()} ${digestNow(state).slice(0, 8)}`;
}

/** A decision that counts. */
function counts(state: State, decision: Decision, at: number, now: number): void {
  const { verdict, until } = decision;
  const [revision, level] = [revisionOf(state), levelOf(state).name];
  const one = { decision, at, revision, level };
  state.heard.push(one);
  if (verdict === 'cancel') return closes(state, 'cancelled');
  if (state.status !== 'open' && state.status !== 'waiting') return;
  if (verdict === 'approve' && quorumLacks(state, revision, level) === undefined)
    approves(state, state.status === 'open' ? at : now);
  if (verdict === 'reject' && turnedDown(state, revision, level)) closes(state, 'rejected');
  if (verdict === 'respond') closes(state, 'answered');
  if (verdict === 'escalate') up(state, 'expired');
  if (verdict === 'extend') state.deadlines = { first: state.deadlines!.first, now: Date.parse(until!) };
  if (verdict === 'edit') state.edit = one;
  if (verdict === 'revise') {
    state.status = 'proposing';
    state.sentBack += 1;
    state.deadlines = undefined;
  }
}

/** An edit is a new question, which its editor has signed where the policy that it meets takes that; nobody else has. */
function edited(state: State, next: Omit<Question, 'by' | 'action' | 'failed'>, now: number): void {
  const edit = state.edit!;
  state.edit = undefined;
  const [before, here] = [levelOf(state), state.status === 'open'];
  const { action } = question(state);
  revised(state, { ...next, action, by: edit.decision.reviewer, failed: false }, edit);
  const level = levelOf(state);
  if (quorumLacks(state, revisionOf(state), level.name) === undefined && signers(state).length > 0)
    return approves(state, now);
  // An editor cannot keep a gate open: where the level is what it was, so is its deadline.
  const as = here && state.rung === 0 && JSON.stringify(level) === JSON.stringify(before);
  if (!as) asks(state, now);
}

/** Passed up: with no level left it ends. */
function up(state: State, left: string): void {
  if (state.rung + 1 >= question(state).policy.levels.length) return closes(state, left);
  state.rung += 1;
  state.status = 'waiting';
  state.deadlines = undefined;
}

/** Silence is never consent unless the policy says so in words, never to what nobody proposed, and never where somebody said no. */
function rings(state: State, now: number): void {
  const { policy, failed } = question(state);
  if (state.deadlines === undefined || now < state.deadlines.now) return;
  const means = levelOf(state).onSilence ?? policy.onSilence;
  if (means === 'approve' && !failed && stands(state).no.length === 0) approves(state, now);
  else if (means !== 'expire') up(state, 'expired');
  else closes(state, 'expired');
}

const stands = (state: State) => standing(state, revisionOf(state), levelOf(state).name);
const names = (heard: readonly Heard[]) => heard.map(({ decision }) => decision.reviewer);
export const signers = (state: State) => names(stands(state).yes);
export const rejecters = (state: State) => names(stands(state).no);
export { stands };
