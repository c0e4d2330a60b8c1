/**
 * The record as an auditor reads it: the entries of one chain become questions, each with who decided what, when, after how
 * long, what ran and how it ended. Total over any text: whoever may write to the store may have written anything.
 */
import { forked } from './audit';
import { defined } from './defined';
import type { Root } from './digest';
import { parsed, type StoredEntry } from './entry';
import { touchIn, type Touch } from './sign-counts';

/** A fact as it stands in its entry; only these four are sure to be there. */
export interface Told {
  readonly seq: number;
  readonly hash: string;
  readonly type: string;
  /** ISO 8601 UTC where nobody has tampered with it. */
  readonly at: string;
  readonly [key: string]: unknown;
}

export interface Decided {
  readonly at: string;
  /** Milliseconds since this revision was put to this level; absent where the record does not say. */
  readonly after?: number;
  readonly reviewer: string;
  readonly verdict: string;
  readonly level: string;
  readonly confirmation: string;
  readonly revision: number;
  readonly digest: string;
  /** The name was proven by a signature when it was admitted; otherwise it was believed. */
  readonly signed: boolean;
  /** Where a passkey has signed it. */
  readonly touch?: Touch;
  /** What else was said: comment, args, phrase, answer, to, until. */
  readonly said: Readonly<Record<string, unknown>>;
}

export interface Approved {
  readonly at: string;
  readonly revision: number;
  readonly digest: string;
  readonly level: string;
  readonly signers: readonly string[];
  readonly basis: string;
  /** What the effect runs under. */
  readonly key: string;
}

/** Where a question is asked in a workflow of its own, for one level of another workflow's gate. */
export interface LevelOf extends Pick<Question, 'title' | 'action' | 'requester' | 'by'> {
  readonly workflowId: string;
  readonly name: string;
}

/** One gate, from the proposal to its end. */
export interface Question {
  readonly gate: string;
  readonly level?: LevelOf;
  readonly requester: string;
  /** Who made the proposal. */
  readonly by: string;
  readonly title: string;
  /** Empty where nothing was proposed. */
  readonly action: string;
  /** Of the last revision. */
  readonly args?: unknown;
  readonly confirmation: string;
  readonly signedOnly: boolean;
  /** When people were asked, or told; absent where it came to nothing before. */
  readonly opened?: string;
  readonly decisions: readonly Decided[];
  readonly approved?: Approved;
  readonly executed?: { readonly at: string; readonly key: string; readonly result: string };
  readonly closed?: { readonly at: string; readonly outcome: string; readonly reason?: string };
  /** Milliseconds from when people were asked until it was approved, or ended without. */
  readonly waited?: number;
  /** All of it, in order. */
  readonly facts: readonly Told[];
}

export interface Story {
  readonly chain: Root;
  readonly questions: readonly Question[];
  /** What belongs to no question: a plan's steps, what reconciliation found. */
  readonly others: readonly Told[];
  readonly entries: number;
  readonly head: string;
}

/** Verdicts that say what is to become of it. */
export const DECIDING: readonly string[] = ['approve', 'edit', 'reject', 'revise', 'respond', 'escalate'];

/** @param entries of one chain, by number; branches are left out where the chain holds, and told where it does not */
export function storyOf(
  chain: Root,
  entries: readonly StoredEntry[],
  { holds, level }: { readonly holds: boolean; readonly level?: LevelOf | undefined },
): Story {
  const trunk = holds ? forked(entries).trunk : entries;
  const questions: Question[] = [];
  let others: Told[] = [];
  const ofLevel: Question = level === undefined ? NOTHING : { ...NOTHING, ...questionFields(level), level };
  for (const fact of trunk.map(readFact)) {
    const open = questions.at(-1);
    const proposes = fact.type === 'proposed' || fact.type === 'proposal-failed';
    if (open === undefined && (proposes || level !== undefined)) {
      // What agents have answered before comes with the question that it led to.
      questions.push(next({ ...ofLevel, facts: others }, fact));
      others = [];
    } else if (open === undefined) others.push(fact);
    else if (proposes && open.closed !== undefined) questions.push(next(ofLevel, fact));
    else questions[questions.length - 1] = next(open, fact);
  }
  const last = trunk.at(-1);
  return { chain, questions, others, entries: trunk.length, head: last?.hash ?? '' };
}

/** The workflows in which levels of these questions are asked, each with what its own record does not tell again. */
export function levelsOf({ chain, questions, others }: Story): (readonly [Root, LevelOf])[] {
  return [...questions, { ...NOTHING, told: others }].flatMap((question) =>
    question.facts.flatMap((fact) => {
      if (fact.type !== 'level-opened') return [];
      const { workflowId, firstRunId } = objectOf(fact['child']);
      const level = {
        ...questionFields(question),
        workflowId: chain.workflowId,
        name: textOf(fact['level']),
      };
      return [[{ workflowId: textOf(workflowId), firstRunId: textOf(firstRunId) }, level] as const];
    }),
  );
}

const NOTHING: Question = {
  gate: '',
  requester: '',
  by: '',
  title: '',
  action: '',
  confirmation: '',
  signedOnly: false,
  decisions: [],
  facts: [],
};

function questionFields({
  title,
  action,
  requester,
  by,
}: Pick<Question, 'title' | 'action' | 'requester' | 'by'>) {
  return { title, action, requester, by };
}

/** The question after one more fact. */
function next(before: Question, fact: Told): Question {
  const question: Question = { ...before, facts: [...before.facts, fact] };
  const { at } = fact;
  switch (fact.type) {
    case 'proposed':
      return { ...question, ...proposed(fact) };
    case 'proposal-failed':
      return { ...question, ...whose(fact), action: '', title: textOf(fact['task']) };
    case 'opened':
      return { ...question, ...ruled(fact['policy']), gate: textOf(fact['gate']), opened: at };
    case 'revised':
      return { ...question, args: fact['args'], ...('policy' in fact ? ruled(fact['policy']) : {}) };
    case 'decided':
      return { ...question, decisions: [...question.decisions, decided(question, fact)] };
    case 'approved': {
      const action = question.action === '' ? textOf(fact['action']) : question.action;
      return { ...question, action, approved: approved(fact), ...waited(question, at) };
    }
    case 'executed':
      return { ...question, executed: { at, key: textOf(fact['key']), result: textOf(fact['result']) } };
    case 'closed': {
      const reason = fact['reason'] === undefined ? undefined : textOf(fact['reason']);
      const closed = { at, outcome: textOf(fact['outcome']), ...defined({ reason }) };
      return { ...question, closed, ...waited(question, at) };
    }
    default:
      return question;
  }
}

function whose(fact: Told): Pick<Question, 'by' | 'requester'> {
  return { by: textOf(fact['by']), requester: textOf(fact['requester']) };
}

function proposed(fact: Told): Partial<Question> {
  const { action, args, title } = objectOf(fact['proposal']);
  return { ...whose(fact), action: textOf(action), title: textOf(title), args };
}

function ruled(policy: unknown): Pick<Question, 'confirmation' | 'signedOnly'> {
  const { confirmation, authentication } = objectOf(policy);
  return { confirmation: textOf(confirmation), signedOnly: authentication === 'signed' };
}

function decided({ facts: before, confirmation, level }: Question, fact: Told): Decided {
  const { id, v, reviewer, verdict, digest, signature, ...said } = objectOf(fact['decision']);
  const put = before.filter(({ type }) => type === 'opened' || type === 'revised');
  const rung = put.filter((one) => one['level'] !== undefined).at(-1);
  const signed = fact['authentication'] === 'signed';
  const touch = signed ? touchIn(signature) : undefined;
  return {
    at: fact.at,
    ...elapsed('after', put.at(-1)?.at, fact.at),
    reviewer: textOf(reviewer),
    verdict: textOf(verdict),
    level: rung === undefined ? (level?.name ?? '') : textOf(rung['level']),
    confirmation,
    revision: numberOf(fact['revision']),
    digest: textOf(digest),
    signed,
    ...defined({ touch }),
    said,
  };
}

function approved(fact: Told): Approved {
  const { at, signers } = fact;
  return {
    at,
    revision: numberOf(fact['revision']),
    digest: textOf(fact['digest']),
    level: textOf(fact['level']),
    signers: Array.isArray(signers) ? signers.map(textOf) : [],
    basis: textOf(fact['basis']),
    key: textOf(fact['key']),
  };
}

/** Once it is known it stays: what is approved and then executed has waited until it was approved. */
function waited({ waited: known, opened }: Question, at: string): { waited?: number } {
  return known === undefined ? elapsed('waited', opened, at) : {};
}

function elapsed<Name extends string>(
  name: Name,
  since: string | undefined,
  at: string,
): { readonly [key in Name]?: number } {
  const milliseconds = since === undefined ? Number.NaN : Date.parse(at) - Date.parse(since);
  return Number.isNaN(milliseconds) ? {} : ({ [name]: milliseconds } as { [key in Name]?: number });
}

/** Of an entry whose text is erased, or is no JSON object, its type and its time are left. */
function readFact({ seq, hash, meta, text }: StoredEntry): Told {
  const { salt: _, ...fact } = parsed(text);
  const { type, at } = meta;
  return { ...fact, ...(text === undefined ? { erased: true } : {}), seq, hash, type, at };
}

export function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === undefined ? '' : JSON.stringify(value);
}

export function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : Number.NaN;
}
