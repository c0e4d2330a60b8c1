/**
 * What people made of what was proposed, read from the record: each version of a proposal, and its fate. A question is known by its digest
 * wherever it was asked, so that what was decided at a level's own workflow is found beside what was proposed in another.
 */
import { forked, type Fact } from './audit';
import { ANSWER } from './climb';
import { cut } from './cut';
import type { Row } from './chain';
import { defined } from './defined';
import { canonical } from './digest';
import { factIn } from './entry';
import type { Json, JsonObject } from './json';

/** How people took a version. */
export type Fate =
  | { readonly how: 'approved'; readonly by: readonly string[] }
  | { readonly how: 'edited' | 'sent-back' | 'rejected'; readonly by: string; readonly comment?: string }
  | { readonly how: 'answered'; readonly by: string; readonly answer: Json };

/** One version of a proposal, as people were asked about it. */
export interface Version {
  readonly digest: string;
  readonly workflowId: string;
  readonly gate: string;
  readonly revision: number;
  readonly at: string;
  readonly task: string;
  readonly action: string;
  readonly args: JsonObject;
  readonly title: string;
  /** The agent's, or the caller's: of an edited version it is not, for nobody has estimated it. */
  readonly confidence?: number;
  /** The agent, the caller, or who edited. */
  readonly by: string;
  /** The version that it stands in place of. */
  readonly after?: string;
  /** Undefined: nobody has decided on it, or it ended without a decision of people's. */
  readonly fate?: Fate;
}

type Entry = Fact & { readonly workflowId: string; readonly at: string };
type Decided = Extract<Fact, { type: 'decided' }>['decision'];

export interface Lessons {
  /** The entries of one run. One that does not hold, or whose text is erased, says nothing. */
  read(entries: readonly Row[]): void;
  /** Of all that was read, in the order that it was asked. */
  versions(): Version[];
}

/** That people decided; a level that passes a question on is no end of it. */
const ENDS = ['rejected', 'answered'];

export function openLessons(): Lessons {
  const asked = new Map<string, Version>();
  const decisions = new Map<string, Decided[]>();
  const signed = new Map<string, readonly string[]>();
  const ends = new Map<string, string>();
  return {
    read(entries) {
      let proposed: Extract<Fact, { type: 'proposed' }> | undefined;
      let current: string | undefined;
      for (const row of forked(entries).trunk) {
        const fact = factIn(row, row) as Entry;
        if (!isWhole(fact)) continue;
        const { workflowId, at } = fact;
        if (fact.type === 'proposed') proposed = fact;
        else if (fact.type === 'proposal-failed') proposed = current = undefined;
        else if (fact.type === 'opened' || fact.type === 'revised') {
          const before = current === undefined ? undefined : asked.get(current);
          const version = proposed === undefined ? edited(before, fact) : first(proposed);
          const { digest, gate, revision } = fact;
          if (version !== undefined)
            asked.set(digest, {
              digest,
              workflowId,
              gate,
              revision,
              at,
              ...version,
              ...defined({ after: fact.type === 'revised' ? current : undefined }),
            });
          current = digest;
          proposed = undefined;
        } else if (fact.type === 'decided') {
          const { digest } = fact.decision;
          decisions.set(digest, [...(decisions.get(digest) ?? []), fact.decision]);
        } else if (fact.type === 'approved') signed.set(fact.digest, fact.signers);
        else if (fact.type === 'closed' && current !== undefined && ENDS.includes(fact.outcome))
          ends.set(current, fact.outcome);
      }
    },
    versions() {
      const next = new Set([...asked.values()].flatMap(({ after }) => (after === undefined ? [] : [after])));
      return [...asked.values()]
        .map((version) => {
          const { digest } = version;
          const fate = fateOf(decisions.get(digest) ?? [], {
            signers: signed.get(digest),
            followed: next.has(digest),
            end: ends.get(digest),
          });
          return fate === undefined ? version : { ...version, fate };
        })
        .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
    },
  };
}

/** Whoever may write to the store may have written anything: what lacks what is read of it says nothing. */
function isWhole(fact: Entry): boolean {
  const has = (of: unknown, key: string, type: string) =>
    typeof (of as Record<string, unknown>)[key] === type;
  const isObject = (value: unknown) => typeof value === 'object' && value !== null;
  switch (fact.type) {
    case 'proposed':
      return (
        isObject(fact.proposal) && isObject(fact.proposal.args) && has(fact.proposal, 'action', 'string')
      );
    case 'decided':
      return isObject(fact.decision) && has(fact.decision, 'digest', 'string');
    case 'approved':
      return has(fact, 'digest', 'string') && Array.isArray(fact.signers);
    case 'revised':
      return has(fact, 'digest', 'string') && isObject(fact.args);
    case 'opened':
      return has(fact, 'digest', 'string');
    default:
      return true;
  }
}

type Said = Pick<Version, 'task' | 'action' | 'args' | 'title' | 'confidence' | 'by'>;

function first({ task, by, proposal }: Extract<Fact, { type: 'proposed' }>): Said {
  const { action, args, title, confidence } = proposal;
  return { task, action, args, title, confidence, by };
}

/** By a person: what was asked before, with other args. At a level the question was proposed elsewhere. */
function edited(
  before: Version | undefined,
  fact: Extract<Fact, { type: 'opened' | 'revised' }>,
): Said | undefined {
  if (before === undefined || fact.type !== 'revised') return undefined;
  const { task, action, title } = before;
  return { task, action, title, args: fact.args, by: fact.by };
}

interface Known {
  readonly signers: readonly string[] | undefined;
  /** Another version stands in its place. */
  readonly followed: boolean;
  readonly end: string | undefined;
}

function fateOf(decisions: readonly Decided[], { signers = [], followed, end }: Known): Fate | undefined {
  const last = (verdict: Decided['verdict']) => decisions.filter((one) => one.verdict === verdict).at(-1);
  if (followed) {
    const edit = last('edit');
    if (edit !== undefined) return fateBy('edited', edit);
    const back = last('revise');
    return back === undefined ? undefined : fateBy('sent-back', back);
  }
  if (signers.length > 0) return { how: 'approved', by: signers };
  if (end === 'answered') {
    const answer = last('respond');
    return answer === undefined
      ? undefined
      : { how: 'answered', by: answer.reviewer, answer: answer.answer ?? null };
  }
  const no = end === 'rejected' ? last('reject') : undefined;
  return no === undefined ? undefined : fateBy('rejected', no);
}

function fateBy(how: 'edited' | 'sent-back' | 'rejected', { reviewer, comment }: Decided): Fate {
  return { how, by: reviewer, ...defined({ comment }) };
}

/** The version that stands in the place of each, by its digest. */
export type Successors = ReadonlyMap<string, Version>;

export function successors(versions: readonly Version[]): Successors {
  return new Map(versions.flatMap((one) => (one.after === undefined ? [] : [[one.after, one]])));
}

/** What people wanted in the end of what began with this version; undefined where they did not say. */
export function wanted(version: Version, next: Successors): string | undefined {
  let at: Version | undefined = version;
  // As many steps as there are: a store that somebody has changed may lead in a circle.
  for (let steps = next.size; at !== undefined && steps >= 0; steps -= 1, at = next.get(at.digest)) {
    const { fate }: Version = at;
    if (fate?.how === 'approved') return written(at.action, at.args);
    if (fate?.how === 'answered')
      return typeof fate.answer === 'string' ? fate.answer : canonical(fate.answer);
  }
  return undefined;
}

/** As a model would have written it: an output as it stands, anything else as JSON. */
export function written(action: string, args: JsonObject): string {
  const { output } = args;
  return action === ANSWER && typeof output === 'string' ? output : canonical({ action, args });
}

/** What an agent is shown of an earlier proposal that people did not take as it was. Material, never instructions. */
export interface Lesson {
  readonly action: string;
  /** The beginning of it. */
  readonly task: string;
  readonly args: JsonObject;
  readonly how: 'edited' | 'sent-back' | 'rejected';
  readonly comment?: string;
  /** What they wanted in its place, as a model would have written it. */
  readonly wanted?: string;
}

/** A lesson, and of which version. */
export interface KeptLesson {
  readonly digest: string;
  readonly at: string;
  readonly lesson: Lesson;
}

/** Units of a lesson's texts; args that are longer make none. */
const LESSON = { task: 1_000, comment: 1_000, args: 4_000 } as const;

/** Of what was edited, sent back or rejected; oldest first. */
export function lessonsOf(versions: readonly Version[]): KeptLesson[] {
  const next = successors(versions);
  return versions.flatMap((version): KeptLesson[] => {
    const { action, args, fate, digest, at, confidence } = version;
    if (fate === undefined || fate.how === 'approved' || fate.how === 'answered') return [];
    const instead = wanted(version, next);
    const tooLong = [canonical(args), instead ?? ''].some((text) => text.length > LESSON.args);
    if (confidence === undefined || tooLong) return [];
    const { how, comment } = fate;
    const lesson: Lesson = {
      action,
      task: cut(version.task, LESSON.task),
      args,
      how,
      ...defined({ comment: comment && cut(comment, LESSON.comment), wanted: instead }),
    };
    return [{ digest, at, lesson }];
  });
}
