/** The record in figures: how often, after how long, by whom, on what. They count what happened in a span of time. */
import { openSignCounts, type Regression } from './sign-counts';
import { DECIDING, numberOf, textOf, type Decided, type Question, type Story, type Told } from './report';

export interface Asked {
  /** Milliseconds since 1970; it belongs to it. */
  readonly from?: number | undefined;
  /** It does not belong to it. */
  readonly to?: number | undefined;
  /** Of questions about these alone. @default all */
  readonly actions?: readonly string[] | undefined;
}

export interface Count {
  readonly name: string;
  readonly count: number;
}

/** Of whoever decided, or of an action. */
export interface Verdicts {
  /** Of a person: as the decisions name it. Of an action: empty where nothing was proposed. */
  readonly name: string;
  /** Verdicts that say what is to become of it. */
  readonly decisions: number;
  readonly approvals: number;
  readonly edits: number;
  readonly rejections: number;
  readonly sentBack: number;
  readonly answers: number;
  readonly passedUp: number;
  /** Comments, delegations, withdrawals, extensions, cancellations. */
  readonly otherWords: number;
  /** Decisions whose name was proven by a signature; the others were believed. */
  readonly signed: number;
  /** Milliseconds from when a revision was put to people until they decided; absent without decisions. */
  readonly median?: number;
}

export interface Figures {
  /** Gates that people were asked or told about. */
  readonly asked: number;
  /** Ended before anybody was asked. */
  readonly unasked: number;
  /** How gates ended; what stands open is on record once it is approved or ends. */
  readonly outcomes: readonly Count[];
  readonly executed: number;
  /** Of these, another worker's by its word alone, which whoever may complete an activity can give. */
  readonly withoutReceipt: number;
  /** Somebody completed the activity in place of our executor: whether it had an effect is not known. */
  readonly completedByHand: number;
  /** How often histories were gone when an approval was acted on, so that what people were sent there was not read. */
  readonly historiesGone: number;
  /** On what an approval was based: signatures, notice (INFO), silence, or a step's approval. */
  readonly approvals: readonly Count[];
  readonly all: Omit<Verdicts, 'name'>;
  readonly people: readonly Verdicts[];
  readonly actions: readonly Verdicts[];
  /** By code; those beyond what is told one by one under `counted only`. */
  readonly refusals: readonly Count[];
  readonly repeats: number;
  readonly unknownSignals: number;
  readonly silence: {
    readonly reminders: number;
    readonly warnings: number;
    readonly extensions: number;
    readonly escalations: number;
    readonly expired: number;
    readonly approvedBySilence: number;
  };
  /** What comparing with Temporal found, and how often that was done. */
  readonly found: {
    readonly comparisons: number;
    readonly ended: number;
    readonly forksExplained: number;
    readonly mismatches: number;
  };
  /** Passkeys whose counter did not grow, which may speak of a copy: the first hundred, and how many there are. */
  readonly countersBack: { readonly count: number; readonly first: readonly CounterBack[] };
  /** Milliseconds from when people were asked until it was approved or ended. */
  readonly medianWait?: number;
}

export interface CounterBack {
  /** As the decision names its reviewer. */
  readonly person: string;
  readonly key: string;
  readonly before: number;
  readonly now: number;
  readonly workflowId: string;
  /** When the decision was recorded. */
  readonly at: string;
}

const KEPT = 100;

export interface Counting {
  add(story: Story): void;
  figures(): Figures;
}

export function wanted(question: Question, { actions }: Asked): boolean {
  return actions === undefined || actions.includes(question.action);
}

/** What does not tell its time any more is never left out. */
export function happened(at: string, { from = -Infinity, to = Infinity }: Asked): boolean {
  const time = Date.parse(at);
  return Number.isNaN(time) || (time >= from && time < to);
}

export function openFigures(range: Asked): Counting {
  const tally = openTally();
  const all = openVerdicts();
  const people = new Map<string, ReturnType<typeof openVerdicts>>();
  const actions = new Map<string, ReturnType<typeof openVerdicts>>();
  const outcomes = openTally();
  const approvals = openTally();
  const refusals = openTally();
  const waits: number[] = [];
  const touches = openSignCounts<{
    readonly workflowId: string;
    readonly at: string;
    readonly asked: boolean;
  }>();
  const of = (map: typeof people, name: string) => {
    const known = map.get(name) ?? openVerdicts();
    map.set(name, known);
    return known;
  };
  const within = (at: string | undefined): at is string => at !== undefined && happened(at, range);

  const passed = (fact: Told) => {
    tally.add(fact.type);
    if (fact.type === 'executed' && fact['receipt'] === 'none') tally.add('executed without a receipt');
    if (fact.type === 'refused') refusals.add(textOf(fact['code']));
    if (fact.type === 'refusals-counted') refusals.add('counted only', numberOf(fact['count']) || 0);
  };
  const question = (one: Question) => {
    if (!wanted(one, range)) return;
    one.facts.filter(({ at }) => within(at)).forEach(passed);
    for (const decided of one.decisions.filter(({ at }) => within(at)))
      for (const verdicts of [all, of(people, decided.reviewer), of(actions, one.action)])
        verdicts.add(decided);
    // A level's gate is its owner's: the owner tells how it ended.
    if (one.level !== undefined) return;
    if (within(one.opened)) tally.add('asked');
    if (one.approved !== undefined && within(one.approved.at)) approvals.add(one.approved.basis);
    if (one.closed === undefined || !within(one.closed.at)) return;
    if (one.opened === undefined) tally.add('unasked');
    else outcomes.add(one.closed.outcome);
    if (one.waited !== undefined) waits.push(one.waited);
  };

  return {
    add({ chain: { workflowId }, questions, others }) {
      questions.forEach(question);
      // A counter grows from question to question, also over those that are not asked for.
      for (const one of questions)
        for (const { reviewer, touch, at } of one.decisions)
          if (touch !== undefined)
            touches.add(reviewer, touch, at, { workflowId, at, asked: wanted(one, range) && within(at) });
      others.filter(({ at }) => within(at)).forEach(passed);
    },
    figures: () => ({
      asked: tally.of('asked'),
      unasked: tally.of('unasked'),
      outcomes: outcomes.counts(),
      executed: tally.of('executed'),
      withoutReceipt: tally.of('executed without a receipt'),
      completedByHand: tally.of('completed-by-hand'),
      historiesGone: tally.of('histories-gone'),
      approvals: approvals.counts(),
      all: all.sum(),
      people: named(people),
      actions: named(actions),
      refusals: refusals.counts(),
      repeats: tally.of('repeated'),
      unknownSignals: tally.of('unknown-signal'),
      silence: {
        reminders: tally.of('reminded'),
        warnings: tally.of('warned'),
        extensions: tally.of('extended'),
        escalations: tally.of('escalated'),
        expired: outcomes.of('expired'),
        approvedBySilence: approvals.of('silence'),
      },
      found: {
        comparisons: tally.of('reconciled'),
        ended: tally.of('found-ended'),
        forksExplained: tally.of('fork-explained'),
        mismatches: tally.of('mismatch'),
      },
      countersBack: backOf(touches.regressions()),
      ...medianOf('medianWait', waits),
    }),
  };
}

function backOf(
  regressions: readonly Regression<Pick<CounterBack, 'workflowId' | 'at'> & { readonly asked: boolean }>[],
): Figures['countersBack'] {
  const found = regressions.filter(({ place }) => place.asked);
  const first = found
    .slice(0, KEPT)
    .map(({ place: { workflowId, at }, ...back }) => ({ ...back, workflowId, at }));
  return { count: found.length, first };
}

/** Names are anybody's: a Map, in which no name means anything else. */
function openTally() {
  const counts = new Map<string, number>();
  return {
    add: (name: string, by = 1) => void counts.set(name, (counts.get(name) ?? 0) + by),
    of: (name: string) => counts.get(name) ?? 0,
    /** The most frequent first. */
    counts: (): Count[] =>
      [...counts]
        .map(([name, count]) => ({ name, count }))
        .sort((one, other) => other.count - one.count || byName(one, other)),
  };
}

function openVerdicts() {
  const verdicts = openTally();
  const times: number[] = [];
  let decisions = 0;
  let otherWords = 0;
  let signed = 0;
  return {
    add({ verdict, after, signed: proven }: Decided) {
      verdicts.add(verdict);
      if (proven) signed += 1;
      if (!DECIDING.includes(verdict)) otherWords += 1;
      else {
        decisions += 1;
        if (after !== undefined) times.push(after);
      }
    },
    sum: (): Omit<Verdicts, 'name'> => ({
      decisions,
      approvals: verdicts.of('approve'),
      edits: verdicts.of('edit'),
      rejections: verdicts.of('reject'),
      sentBack: verdicts.of('revise'),
      answers: verdicts.of('respond'),
      passedUp: verdicts.of('escalate'),
      otherWords,
      signed,
      ...medianOf('median', times),
    }),
  };
}

function named(map: ReadonlyMap<string, ReturnType<typeof openVerdicts>>): Verdicts[] {
  return [...map]
    .map(([name, verdicts]) => ({ name, ...verdicts.sum() }))
    .sort((one, other) => other.decisions - one.decisions || byName(one, other));
}

function byName(
  { name: one }: { readonly name: string },
  { name: other }: { readonly name: string },
): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

function medianOf<Name extends string>(
  name: Name,
  values: readonly number[],
): { readonly [key in Name]?: number } {
  const sorted = [...values].sort((one, other) => one - other);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return low === undefined || high === undefined
    ? {}
    : ({ [name]: (low + high) / 2 } as { [key in Name]?: number });
}
