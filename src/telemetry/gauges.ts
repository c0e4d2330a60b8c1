/**
 * What waits now, as gauges: asked of the server's visibility once a minute by each worker, at most 30 small questions however many gates
 * there are. No workflow is asked, so that this also tells of gates when no workflow can answer.
 */
import type { MetricMeter } from '@temporalio/common';
import { WORKFLOW } from '../domain/workflow-types';
import { quoted } from '../visibility';

/** Both questions take a visibility query. */
export interface Visibility {
  count(query: string): Promise<number>;
  /** Start times of at most `most` of what is found. */
  starts(query: string, most: number): Promise<readonly Date[]>;
}

export interface Seen {
  /** In the gate's own workflow, or in a level's own. */
  readonly open: { readonly gate: number; readonly level: number };
  readonly queued: number;
  readonly proposing: number;
  readonly waiting: number;
  readonly approved: number;
  readonly overdue: number;
  /** Seconds since the start of the oldest workflow that waits for people; 0 where none does. */
  readonly oldest: number;
}

/** @throws where the server does not answer */
export async function look(visibility: Visibility, taskQueue: string, now: number): Promise<Seen> {
  const running = `ExecutionStatus = 'Running' AND TaskQueue = ${quoted(taskQueue)} AND CountersignState`;
  const open = `${running} = 'open'`;
  const count = (query: string) => visibility.count(query);
  const [gate, level, queued, proposing, waiting, approved, overdue] = await Promise.all([
    count(`${open} AND WorkflowType != '${WORKFLOW.reviewLevel}'`),
    count(`${open} AND WorkflowType = '${WORKFLOW.reviewLevel}'`),
    count(`${running} = 'queued'`),
    count(`${running} = 'proposing'`),
    count(`${running} = 'waiting'`),
    count(`${running} = 'approved'`),
    count(`${open} AND CountersignDueAt < '${new Date(now).toISOString()}'`),
  ]);
  const since = gate + level === 0 ? now : await oldest(visibility, open, gate + level, now);
  const age = Math.max(0, (now - since) / 1000);
  return { open: { gate, level }, queued, proposing, waiting, approved, overdue, oldest: age };
}

/** So many are listed at once. */
const PAGE = 100;
const HALVINGS = 22;
/** Milliseconds: nothing is looked for that is older. */
const LONGEST = 1_000 * 86_400_000;

/** Visibility cannot be relied on to sort: where there are many, those that are few enough to be listed are found by halving. */
async function oldest(visibility: Visibility, query: string, total: number, now: number): Promise<number> {
  const until = (at: number) => `${query} AND StartTime <= '${new Date(at).toISOString()}'`;
  let few = query;
  let [from, to] = [now - LONGEST, now];
  for (let left = HALVINGS, found = total; found > PAGE && left > 0; left -= 1) {
    const middle = Math.floor((from + to) / 2);
    const there = await visibility.count(until(middle));
    if (there === 0) from = middle;
    else {
      to = middle;
      found = there;
      few = until(middle);
    }
  }
  const starts = await visibility.starts(few, PAGE);
  return Math.min(now, ...starts.map((start) => start.getTime()));
}

export interface Watched {
  readonly visibility: Visibility;
  readonly namespace: string;
  readonly taskQueue: string;
  readonly meter: MetricMeter;
  /** Whether the audit store answers. */
  readonly storeAnswers: () => Promise<boolean>;
  /** Milliseconds between two looks. */
  readonly every: number;
}

/** Looks at once and then again and again, until it is closed. What cannot be seen stays as it was; `looked_at` tells since when. */
export function watchGates({ visibility, namespace, taskQueue, meter, storeAnswers, every }: Watched): {
  close(): Promise<void>;
} {
  const tagged = meter.withTags({ namespace, taskQueue });
  const gauge = (name: string, unit: string | undefined, description: string) => {
    const made = tagged.createGauge(name, 'float', unit, description);
    return (value: number, tags = {}) => {
      made.set(value, tags);
    };
  };
  const gates = gauge('countersign_gates', undefined, 'Gates that are not closed, by state');
  const overdue = gauge('countersign_gates_overdue', undefined, 'Open gates whose deadline has passed');
  const oldestOpen = gauge('countersign_oldest_open_seconds', 's', 'Age of the oldest that waits for people');
  const store = gauge('countersign_store_up', undefined, 'Whether the audit store answers this worker');
  const looked = gauge('countersign_looked_at_seconds', 's', 'When visibility last answered, since 1970');
  let looking: Promise<void> = Promise.resolve();
  const once = async () => {
    store((await storeAnswers()) ? 1 : 0);
    const now = Date.now();
    const seen = await look(visibility, taskQueue, now);
    gates(seen.open.gate, { state: 'open', asked_in: 'gate' });
    gates(seen.open.level, { state: 'open', asked_in: 'level' });
    for (const state of ['queued', 'proposing', 'waiting', 'approved'] as const)
      gates(seen[state], { state, asked_in: 'gate' });
    overdue(seen.overdue);
    oldestOpen(seen.oldest);
    looked(now / 1000);
  };
  // One look at a time, however slow the server is.
  let busy = false;
  const tick = () => {
    if (busy) return;
    busy = true;
    looking = once()
      .catch(() => undefined) // told by `looked_at`
      .finally(() => (busy = false));
  };
  tick();
  const timer = setInterval(tick, every);
  return {
    close() {
      clearInterval(timer);
      return looking;
    },
  };
}
