/** Collects what people have said of a question, for the judgement: from the store always, from histories where a run goes on from another. */
import type { Decision } from '../domain/gate/decision';
import { firstHeard, ranked, wordsOf, type Heard } from '../domain/heard';
import type { Own } from '../domain/judgement';
import { WORKFLOW } from '../domain/workflow-types';
import { decidedIn, digestsFrom, runsOpened, shownIn, type Entries, type Stored } from './entries';
import { historiesOf, isLater, type Histories } from './histories';
import { describe, isGone, startOf, thisRun, type Described, type Run } from './server';
import type { Execution } from './types';

type Self = Run & Pick<Described, 'root' | 'type' | 'parent'>;

interface Sources {
  /** The workflow that executes, as the server describes it. */
  readonly self: Described;
  /** The entries of its own chain. */
  readonly here: readonly Stored[];
  readonly entries: Entries;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export interface Said extends Pick<Own, 'heard' | 'receivedAt' | 'shownFor'> {
  /** Runs whose histories would have been read, and which the server has no more. */
  readonly gone: readonly string[];
}

export async function saidOf(execution: Execution, sources: Sources): Promise<Said> {
  const { approval } = execution;
  const chains = await chainsOf(execution, sources);
  const decided = decidedIn(chains);
  const { later, read, gone } = await sentTo(execution, sources);
  const digests = digestsFrom(chains, execution);
  const own = new Set(approval.decisions.map(({ id }) => id));
  const about = ({ decision }: Heard) => digests.has(decision.digest) || own.has(decision.id);
  return {
    heard: [...decided, ...placed(later, decided).filter(({ decision }) => saysWhy(decision))].filter(about),
    receivedAt: (decision) => firstHeard(ranked(read), decision)?.at,
    shownFor: shownIn(chains),
    gone,
  };
}

/** Of the workflow that asks, the runs that `saidOf` cannot read. An undo on its step's approval is judged by receipts alone. */
export async function goneFor(
  execution: Execution,
  entries: Entries,
  now: number,
): Promise<readonly string[]> {
  if (execution.approval.basis === 'step') return [];
  return (await sentTo(execution, { self: await startOf(thisRun()), entries, now })).gone;
}

/** The record of the workflow that executes, of the gate's own and of each level's. What belongs to another question has another digest. */
async function chainsOf(
  { approval }: Execution,
  { self, here, entries }: Sources,
): Promise<readonly Stored[]> {
  const home = homeOf(self);
  const { levels } = approval.policy;
  const settled = new Set(decidedIn(here).map(({ decision }) => decision.id));
  const inChildren = levels.length > 1 || approval.decisions.some(({ id }) => !settled.has(id));
  const children = inChildren ? levels.map(({ name }) => `${home}/${name}`) : [];
  // A level may have been asked before, for an earlier revision, in a workflow of the same id.
  const others = [home, ...children].filter((id) => id !== home || id !== self.workflowId);
  const theirs = await Promise.all(others.map((workflowId) => entries({ workflowId })));
  return [here, ...theirs].flat();
}

/** The workflow of the gate, which asks its levels in children of its own. */
function homeOf({ type, parent, workflowId }: Self): string {
  return type === WORKFLOW.reviewLevel && parent !== undefined ? parent.workflowId : workflowId;
}

/** The workflows that decisions on the question are sent to: the gate's own, and that of the level that signed. */
function placesOf({ approval }: Execution, self: Self): readonly string[] {
  const level = approval.policy.levels[approval.rung]?.name ?? '';
  return [...new Set([self.workflowId, `${homeOf(self)}/${level}`])];
}

interface Sent {
  /** In runs that go on from others. */
  readonly later: readonly Heard[];
  /** In all that were read. */
  readonly read: readonly Heard[];
  readonly gone: readonly string[];
}

async function sentTo(
  execution: Execution,
  { self, entries, now }: Pick<Sources, 'entries' | 'now'> & { readonly self: Self },
): Promise<Sent> {
  const later: Heard[] = [];
  const read: Heard[] = [];
  const gone: string[] = [];
  const always = execution.approval.decisions.some(expiredBy(now));
  for (const workflowId of placesOf(execution, self)) {
    const run = workflowId === self.workflowId ? self : await latest(workflowId);
    if (run === undefined) gone.push(...runsOpened(workflowId, await entries({ workflowId: homeOf(self) })));
    if (run === undefined || !(always || isLater(run))) continue;
    const histories: Histories = await historiesOf(run);
    gone.push(...histories.gone);
    read.push(...histories.heard);
    if (isLater(run)) later.push(...histories.heard);
  }
  return { later, read, gone };
}

/** A level that was never asked has no workflow. Whatever else goes wrong is tried again: a no may stand there. */
async function latest(workflowId: string): Promise<Described | undefined> {
  try {
    return await describe({ workflowId, runId: '' });
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

const expiredBy =
  (now: number) =>
  ({ signature, vouch }: Decision): boolean =>
    [signature, vouch].some((one) => one !== undefined && Date.parse(one.expires) <= now);

/**
 * A history does not say at which level a signal was taken. A yes stands where the record has it, or it would count as said at every
 * level; a no is heard wherever it may have been said, whatever the record has.
 */
function placed(later: readonly Heard[], decided: readonly Heard[]): Heard[] {
  const levels = new Map(decided.map(({ decision, level }) => [wordsOf(decision), level]));
  return later.map((one) =>
    SAYS_YES.includes(one.decision.verdict) ? { ...one, level: levels.get(wordsOf(one.decision)) } : one,
  );
}

const SAYS_YES: readonly string[] = ['approve', 'edit'];

/** A rejection without a reason was never admitted. */
function saysWhy({ verdict, comment = '' }: Decision): boolean {
  return verdict !== 'reject' || /[^\p{C}\p{Z}]/u.test(comment);
}
