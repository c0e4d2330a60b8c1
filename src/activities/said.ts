/** Collects what people have said of a question, for the judgement: from the store always, from histories where a run goes on from another. */
import type { Decision } from '../domain/decision';
import { firstHeard, ranked, type Heard } from '../domain/heard';
import type { Own } from '../domain/judgement';
import { decidedIn, digestsFrom, shownIn, type Entries, type Stored } from './entries';
import { historiesOf, isLater, type Histories } from './histories';
import { describe, isGone, type Described } from './server';
import type { Execution } from './types';

interface Sources {
  /** The workflow that executes, as the server describes it. */
  readonly self: Described;
  /** The entries of its own chain. */
  readonly here: readonly Stored[];
  readonly entries: Entries;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export async function saidOf(
  execution: Execution,
  sources: Sources,
): Promise<Pick<Own, 'heard' | 'receivedAt' | 'shownFor'>> {
  const { approval } = execution;
  const chains = await chainsOf(execution, sources);
  const decided = decidedIn(chains);
  const places = placesOf(execution, sources.self);
  const [later, read] = await sentTo(sources.self, places, approval.decisions.some(expiredBy(sources.now)));
  const digests = digestsFrom(chains, execution);
  const own = new Set(approval.decisions.map(({ id }) => id));
  const about = ({ decision }: Heard) => digests.has(decision.digest) || own.has(decision.id);
  return {
    heard: [...decided, ...later.filter(({ decision }) => saysWhy(decision))].filter(about),
    receivedAt: (decision) => firstHeard(ranked(read), decision)?.at,
    shownFor: shownIn(chains),
  };
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
function homeOf({ type, parent, workflowId }: Described): string {
  return type === 'reviewLevel' && parent !== undefined ? parent.workflowId : workflowId;
}

/** The workflows that decisions on the question are sent to: the gate's own, and that of the level that signed. */
function placesOf({ approval }: Execution, self: Described): readonly string[] {
  const level = approval.policy.levels[approval.rung]?.name ?? '';
  return [...new Set([self.workflowId, `${homeOf(self)}/${level}`])];
}

/** @returns what was sent in runs that go on from others, and everything that was read */
async function sentTo(
  self: Described,
  places: readonly string[],
  always: boolean,
): Promise<[later: readonly Heard[], read: readonly Heard[]]> {
  const later: Heard[] = [];
  const read: Heard[] = [];
  for (const workflowId of places) {
    const run = workflowId === self.workflowId ? self : await latest(workflowId);
    if (run === undefined || !(always || isLater(run))) continue;
    const { heard }: Histories = await historiesOf(run);
    read.push(...heard);
    if (isLater(run)) later.push(...heard);
  }
  return [later, read];
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

/** A rejection without a reason was never admitted. */
function saysWhy({ verdict, comment = '' }: Decision): boolean {
  return verdict !== 'reject' || /[^\p{C}\p{Z}]/u.test(comment);
}
