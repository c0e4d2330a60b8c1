/**
 * Waits on people under a policy, until they or the clock have decided: the deadline's timer, what is held at the desk,
 * and the agent's next revision where people sent one back.
 */
import { CancellationScope, condition, sleep } from '@temporalio/workflow';
import {
  expire,
  openGate,
  repropose,
  type ApprovedGate,
  type Asked,
  type ClosedGate,
  type OpenGate,
  type ProposingGate,
  type Reproposed,
} from '../domain/gate';
import { now } from './clock';
import type { Desk } from './desk';

/** Entries that may wait in memory while people think. */
const UNSTORED = 100;

/** @param again asks the agent for the next revision; never rejects, and is called off with the gate */
export async function gated(
  desk: Desk,
  asked: Asked,
  again: (gate: ProposingGate) => Promise<Reproposed>,
): Promise<ApprovedGate | ClosedGate> {
  desk.move(openGate(asked, now()));
  for (;;) {
    await decided(desk, desk.gate() as OpenGate);
    const sentBack = desk.gate();
    if (sentBack?.status !== 'proposing') return sentBack as ApprovedGate | ClosedGate;
    const asking = new CancellationScope();
    void condition(() => desk.gate()?.status !== 'proposing').then(() => {
      asking.cancel();
    });
    const reproposed = await asking.run(() => again(sentBack));
    const gate = desk.gate(); // it may have been called off meanwhile
    if (gate?.status === 'proposing') desk.move(repropose(gate, reproposed, now()));
  }
}

/** Resolves once the gate is no longer open. */
async function decided(desk: Desk, opened: OpenGate): Promise<void> {
  if (desk.gate()?.status !== 'open') return;
  const { ledger } = desk;
  const open = () => desk.gate()?.status === 'open';
  let due = false;
  const clock = new CancellationScope();
  const ticking = clock.run(() =>
    sleep(opened.deadline - now(), { summary: `deadline of ${opened.level.name}` }),
  );
  ticking.then(
    () => (due = true),
    () => undefined, // decided in time: the timer was cancelled
  );
  const called = () => !open() || desk.holds() || due;
  while (open()) {
    await condition(() => called() || ledger.pending() >= UNSTORED);
    if (desk.holds()) await desk.settleHeld();
    else if (due) desk.move(expire(desk.gate() as OpenGate, Math.max(now(), opened.deadline)));
    else if (ledger.pending() >= UNSTORED) await ledger.store(called);
  }
  if (!due) clock.cancel();
  await desk.settleHeld();
}
