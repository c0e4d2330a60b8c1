/** Brings pending entries to the store, batch after batch, for as long as it takes, and says why it waits. */
import { ActivityFailure, ApplicationFailure, condition } from '@temporalio/workflow';
import type { Execution, Judged } from '../../activities/types';
import type { Root } from '../../domain/digest';
import { record, seed } from '../runtime/activities';
import { now } from '../runtime/replay-clock';
import type { ChainInMemory } from './chain-in-memory';

const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 5 * 60_000;

/** Options of one write. */
export interface Storing {
  /** An instant at which `isMoot` is asked again. */
  readonly latest?: number | undefined;
  /** An approval that is gone through as the executor would, once everything is stored; asked for when its entry has a hash. */
  readonly judge?: (() => Execution) | undefined;
  /** It is another worker's to run: what is to be called, and the permit for it, is the answer. */
  readonly dispatch?: boolean | undefined;
  /** The executor judges it itself, just before the effect: only which histories are gone is asked. */
  readonly executes?: boolean | undefined;
  /** The store is asked whether it has all of it, also where there is nothing more to be stored. */
  readonly sure?: boolean;
}

interface Write extends Storing {
  readonly isMoot: () => boolean;
  /** Why it waits; undefined when it no longer does. */
  readonly report: (reason: string | undefined) => void;
}

/** How far one write is to go. */
interface Goal {
  /** The number of the last entry that it is about. */
  until: number;
  /** The store is called also where there is nothing more to be stored. */
  owed: boolean;
}

/** @throws ApplicationFailure where the approval that is judged does not hold */
export async function storePending(
  memory: ChainInMemory,
  root: Root,
  write: Write,
): Promise<Judged | undefined> {
  const { latest = Number.POSITIVE_INFINITY, judge, executes = false, sure = false, isMoot, report } = write;
  const goal: Goal = {
    until: memory.isSeeded() ? memory.chain().seq : Number.POSITIVE_INFINITY,
    owed: judge !== undefined || (sure && memory.hasStored()),
  };
  let judged: Judged | undefined;
  let wait = FIRST_WAIT;
  while ((memory.hasUnstored(goal.until) || goal.owed) && !isMoot()) {
    try {
      const answer = await storeBatch(memory, root, goal, write);
      report(undefined);
      wait = FIRST_WAIT;
      judged ??= answer;
    } catch (error) {
      if (judge !== undefined && !executes && isFinal(error)) throw error;
      // The activity's own error names the store's trouble in the history and the worker's log.
      report(`${trouble(error)} (next try in ${String(wait / 1000)} s)`);
      await condition(isMoot, Math.max(1, Math.min(wait, latest - now())));
      wait = Math.min(wait * 2, LONGEST_WAIT);
    }
  }
  return judged;
}

async function storeBatch(
  memory: ChainInMemory,
  root: Root,
  goal: Goal,
  write: Storing,
): Promise<Judged | undefined> {
  if (!memory.isSeeded()) memory.seed(await seed(undefined));
  const { seq, head } = memory.chain();
  goal.until = Math.min(goal.until, seq);
  const entries = memory.batch(goal.until);
  const isLast = entries.length === 0 || entries.at(-1)?.seq === goal.until;
  // Otherwise the store looks for the entry that these follow itself.
  const after = entries.length === 0 ? { seq, hash: head } : undefined;
  const answer = await record({ root, entries, after, ...(isLast ? judgementIn(write) : {}) });
  if (answer !== undefined && 'missing' in answer) {
    if (!memory.restore()) throw new Error(LACKING);
    return undefined;
  }
  memory.markStored(entries);
  if (isLast) goal.owed = false;
  return answer;
}

/** What is asked of the activity beside storing. */
function judgementIn({ judge, dispatch = false, executes = false }: Storing) {
  if (judge === undefined) return {};
  return { judge: judge(), ...(dispatch ? { dispatch } : {}), ...(executes ? { executes } : {}) };
}

/** What the run before has stored is only in the store: an older copy that was put back cannot be filled up again. */
const LACKING =
  'lacks an entry that an earlier run of this workflow has stored; put the newer copy of it back';

/** In words, for people who wait: what the store said, or that it did not. */
function trouble(error: unknown): string {
  const inner = error instanceof ActivityFailure ? error.cause : error;
  if (inner instanceof ApplicationFailure && inner.type === 'WORKER_KEY_NOT_LISTED')
    return `${inner.message}; nothing executes until then`;
  if (isFinal(error) && inner instanceof Error)
    return `the audit store does not take it: ${inner.message}; nothing executes until it does`;
  if (inner instanceof Error && inner.message === LACKING)
    return `the audit store ${LACKING}: nothing executes until then`;
  return 'the audit store does not answer; nothing executes until it does';
}

/** Not the store's trouble, which passes: the approval does not hold. */
function isFinal(error: unknown): boolean {
  const inner = error instanceof ActivityFailure ? error.cause : error;
  return inner instanceof ApplicationFailure && inner.nonRetryable === true;
}
