/**
 * Waits on people under a policy, until they or the clock have decided: here at the first level, in child workflows at those
 * after it, and on the agent where people sent a revision back.
 */
import { CancellationScope, condition } from '@temporalio/workflow';
import {
  expire,
  repropose,
  type ApprovedGate,
  type ClosedGate,
  type Instant,
  type OpenGate,
  type ProposingGate,
  type Reproposed,
} from '../../domain/gate';
import { nudge, wakeOf, type Wake } from '../../domain/gate/timers';
import type { NextRun } from '../runtime/continue-as-new';
import { now } from '../runtime/replay-clock';
import { openTimer } from '../runtime/timer';
import type { GateRuntime } from './gate-runtime';
import { askLevel } from './level-child';
import { announceState } from './search-attributes';

/** Entries that may wait in memory while people think. */
const MOST_UNSTORED = 100;

export interface Waiting {
  /** Asks the agent for the next revision; never rejects, and is called off with the gate. */
  readonly again: (gate: ProposingGate) => Promise<Reproposed>;
  /** What is called off where the workflow is cancelled: a level's child workflow. */
  readonly cancellable: CancellationScope;
  readonly nextRun: NextRun;
}

/** The runtime's gate is there already: just opened, or carried over from the run before. */
export async function waitForPeople(
  runtime: GateRuntime,
  { again, cancellable, nextRun }: Waiting,
): Promise<ApprovedGate | ClosedGate> {
  for (;;) {
    const gate = runtime.gate();
    if (gate?.status === 'open') await waitForDecision(runtime, nextRun);
    else if (gate?.status === 'waiting') await askLevel(runtime, gate, cancellable);
    else if (gate?.status === 'proposing') await askAgentAgain(runtime, gate, again);
    else return gate as ApprovedGate | ClosedGate;
    if (isPending(runtime)) await nextRun.startIfDue();
  }
}

/** People, a level or the agent are still to answer. */
export function isPending(runtime: GateRuntime): boolean {
  const status = runtime.gate()?.status;
  return status === 'open' || status === 'waiting' || status === 'proposing';
}

async function askAgentAgain(
  runtime: GateRuntime,
  sentBack: ProposingGate,
  again: Waiting['again'],
): Promise<void> {
  const asking = new CancellationScope();
  void condition(() => runtime.gate()?.status !== 'proposing').then(() => {
    asking.cancel();
  });
  const next = await asking.run(() => again(sentBack));
  const gate = runtime.gate(); // it may have been called off meanwhile
  if (gate?.status === 'proposing') runtime.move(repropose(gate, next, now()));
}

/** Resolves once the gate is no longer open, or this run should go on in a new one. */
async function waitForDecision(runtime: GateRuntime, nextRun: NextRun): Promise<void> {
  const { ledger } = runtime;
  const timer = openTimer();
  const open = () => {
    const gate = runtime.gate();
    return gate?.status === 'open' ? gate : undefined;
  };
  // What was received before a deadline is judged before it, and before the next run.
  const fired = () => timer.hasFired() && !runtime.holds();
  const runIsOver = () => isDue(nextRun) && !runtime.holds();
  const timerIsOff = () => {
    const gate = open();
    return gate !== undefined && nextWake(gate, nextRun).at !== timer.at();
  };
  const recordIsFull = () => ledger.pending() >= MOST_UNSTORED;
  const wakes = () => open() === undefined || fired() || timerIsOff();
  for (let gate = open(); gate !== undefined && !(runIsOver() && !fired()); gate = open()) {
    const wake = nextWake(gate, nextRun);
    timer.set(wake.at, `${wake.what} of ${gate.level.name}`);
    await condition(() => wakes() || runIsOver() || recordIsFull());
    if (fired()) takeTimer(runtime, wake);
    else if (recordIsFull()) {
      // A command, so that what this task has noted keeps its time at a replay (`runtime/replay-clock.ts`).
      announceState(gate.status);
      await ledger.store(wakes);
    }
  }
  timer.cancel();
}

type NextWake = Wake | { readonly at: Instant; readonly what: 'next run' };

/** A reminder, the warning or the deadline, unless the next run is to begin before it. */
function nextWake(gate: OpenGate, nextRun: NextRun): NextWake {
  const wake = wakeOf(gate);
  const at = nextRun.dueAt();
  return at !== undefined && at > now() && at < wake.at ? { at, what: 'next run' } : wake;
}

function isDue(nextRun: NextRun): boolean {
  const at = nextRun.dueAt();
  return at !== undefined && now() >= at;
}

/** The timer may have been set to another time in the moment that it fired. */
function takeTimer(runtime: GateRuntime, { what, at: due }: NextWake): void {
  const gate = runtime.gate();
  if (gate?.status !== 'open' || what === 'next run') return;
  const at = Math.max(now(), due);
  runtime.move(what === 'deadline' ? expire(gate, at) : nudge(gate, at));
}
