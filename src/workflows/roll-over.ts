/**
 * A run takes a bounded number of signals: the server refuses more than 10,000, and every one of them is history to be replayed.
 * Before that the workflow goes on in a new run, with all of its state; never while a child is open, which would be terminated.
 *
 * The server turns a new run down while signals come in, and the whole history is replayed then: in a flood that is tried over and
 * over, and the more has come the longer it takes. So a lull is waited for. A flood ends by itself where the server takes no more.
 */
import { allHandlersFinished, condition, makeContinueAsNewFunc, workflowInfo } from '@temporalio/workflow';
import { canonical } from '../domain/digest';
import type { Instant } from '../domain/gate';
import { utf8Length } from '../domain/json';
import { now } from './clock';
import type { Desk } from './desk';
import type { Carried } from './setting';

export interface Rolling {
  /** When this run should go on in a new one; undefined while it need not. */
  at(): Instant | undefined;
  /** Goes on in a new run where there is a lull; otherwise resolves, and `at` is later. */
  rollOver(): Promise<void>;
}

/** Signals that one run takes. */
const SIGNALS = 2_000;
/** Milliseconds without a signal. */
const LULL = 250;
const LULLS = 4;
/** Milliseconds until a lull is waited for again. */
const AGAIN = 1_000;
/** The server takes 2 MB of arguments; beyond that the run goes on as it is, up to what the server takes of it. */
const MOST_BYTES = 1_500_000;

/** @param argument of our own workflow types; undefined in a workflow of one's own, which sees to its runs itself */
export function roller(desk: Desk, argument: unknown): Rolling {
  if (argument === undefined) return { at: () => undefined, rollOver: () => Promise.resolve() };
  let next: Instant = 0;
  let tooLarge = false;
  // Suggested by the server for what is no signal, too: many updates, reminders over years.
  const due = () => !tooLarge && (desk.signals() >= SIGNALS || workflowInfo().continueAsNewSuggested);
  return {
    at: () => (due() ? next : undefined),
    async rollOver() {
      if (!due() || now() < next) return;
      const calm = await lull(desk);
      next = now() + AGAIN;
      if (!calm) return;
      // What this run has noted is only in its own memory, should the store lack any of it.
      await desk.ledger.store(() => !going(desk), { sure: true });
      const carried = carriedOf(desk);
      if (carried === undefined || desk.holds() || !going(desk)) return;
      tooLarge = utf8Length(canonical({ carried, argument })) > MOST_BYTES;
      if (tooLarge) return;
      const goOn = makeContinueAsNewFunc<(argument: unknown, carried: Carried) => Promise<unknown>>();
      await goOn(argument, carried);
    },
  };
}

/** Whether nothing came for a moment, and nothing is in between. */
async function lull(desk: Desk): Promise<boolean> {
  for (let times = 0; times < LULLS; times += 1) {
    const before = desk.signals();
    await condition(() => desk.signals() !== before, LULL);
    if (desk.signals() === before) return !desk.holds() && allHandlersFinished() && going(desk);
  }
  return false;
}

function going(desk: Desk): boolean {
  const status = desk.gate()?.status;
  return status === 'open' || status === 'waiting' || status === 'proposing';
}

function carriedOf(desk: Desk): Carried | undefined {
  const gate = desk.gate();
  return gate === undefined
    ? undefined
    : (JSON.parse(canonical({ gate, ledger: desk.ledger.state(), setting: desk.setting() })) as Carried);
}
