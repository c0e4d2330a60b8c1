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
import { nudge, wakeOf, type Wake } from '../../domain/timeline';
import { openAlarm } from '../runtime/timer';
import { now } from '../runtime/replay-clock';
import type { Desk } from './gate-runtime';
import { announceState } from './search-attributes';
import { askLevel } from './level-child';
import type { Rolling } from '../runtime/continue-as-new';

/** Entries that may wait in memory while people think. */
const UNSTORED = 100;

export interface Gating {
  /** Asks the agent for the next revision; never rejects, and is called off with the gate. */
  readonly again: (gate: ProposingGate) => Promise<Reproposed>;
  /** What is called off where the workflow is cancelled: a level's child workflow. */
  readonly cancellable: CancellationScope;
  readonly rolling: Rolling;
}

/** The desk's gate is there already: just opened, or carried over from the run before. */
export async function gated(desk: Desk, gating: Gating): Promise<ApprovedGate | ClosedGate> {
  for (;;) {
    const gate = desk.gate();
    if (gate?.status === 'open') await decided(desk, gating.rolling);
    else if (gate?.status === 'waiting') await askLevel(desk, gate, gating.cancellable);
    else if (gate?.status === 'proposing') await reproposed(desk, gate, gating.again);
    else return gate as ApprovedGate | ClosedGate;
    if (!over(desk)) await gating.rolling.rollOver();
  }
}

function over(desk: Desk): boolean {
  const status = desk.gate()?.status;
  return status !== 'open' && status !== 'waiting' && status !== 'proposing';
}

async function reproposed(desk: Desk, sentBack: ProposingGate, again: Gating['again']): Promise<void> {
  const asking = new CancellationScope();
  void condition(() => desk.gate()?.status !== 'proposing').then(() => {
    asking.cancel();
  });
  const next = await asking.run(() => again(sentBack));
  const gate = desk.gate(); // it may have been called off meanwhile
  if (gate?.status === 'proposing') desk.move(repropose(gate, next, now()));
}

/** Resolves once the gate is no longer open, or this run should go on in a new one. */
async function decided(desk: Desk, rolling: Rolling): Promise<void> {
  const { ledger } = desk;
  const alarm = openAlarm();
  const open = () => {
    const gate = desk.gate();
    return gate?.status === 'open' ? gate : undefined;
  };
  const full = () => {
    const at = rolling.at();
    return at !== undefined && now() >= at && !desk.holds();
  };
  const next = (gate: OpenGate): Wake | { at: Instant; what: 'next run' } => {
    const wake = wakeOf(gate);
    const at = rolling.at();
    return at !== undefined && at > now() && at < wake.at ? { at, what: 'next run' } : wake;
  };
  const moved = () => {
    const gate = open();
    return gate !== undefined && next(gate).at !== alarm.at();
  };
  // What was received before the deadline is judged before it.
  const rings = () => alarm.rings() && !desk.holds();
  const called = () => open() === undefined || rings() || moved();
  for (let gate = open(); gate !== undefined && !(full() && !rings()); gate = open()) {
    const wake = next(gate);
    alarm.set(wake.at, summaryOf(gate, wake));
    await condition(() => called() || full() || ledger.pending() >= UNSTORED);
    if (rings()) ring(desk, wake);
    else if (ledger.pending() >= UNSTORED) {
      // A command, so that what this task has noted keeps its time at a replay (`runtime/replay-clock.ts`).
      announceState(gate.status);
      await ledger.store(called);
    }
  }
  alarm.off();
}

/** It may have been set to another time in the moment that it rang. */
function ring(desk: Desk, { what, at: due }: { at: Instant; what: Wake['what'] | 'next run' }): void {
  const gate = desk.gate();
  if (gate?.status !== 'open' || what === 'next run') return;
  const at = Math.max(now(), due);
  desk.move(what === 'deadline' ? expire(gate, at) : nudge(gate, at));
}

function summaryOf({ level }: OpenGate, { what }: { what: string }): string {
  return `${what} of ${level.name}`;
}
