/**
 * A run takes a bounded number of signals: the server refuses more than 10,000, and every one of them is history to be replayed.
 * Before that the workflow goes on in a new run, with all of its state; never while a child is open, which would be terminated.
 *
 * The server turns a new run down while signals come in, and the whole history is replayed then: in a flood that is tried over and
 * over, and the more has come the longer it takes. So a lull is waited for. A flood ends by itself where the server takes no more.
 */
import { allHandlersFinished, condition, makeContinueAsNewFunc, workflowInfo } from '@temporalio/workflow';
import { canonical } from '../../domain/digest';
import type { Instant } from '../../domain/gate';
import { utf8Length } from '../../domain/json';
import type { Ledger } from '../record/ledger';
import { now } from './replay-clock';

export interface NextRun {
  /** When this run should go on in a new one; undefined while it need not. */
  dueAt(): Instant | undefined;
  /** Goes on in a new run where one is due and there is a lull; otherwise resolves, and `dueAt` is later. */
  startIfDue(): Promise<void>;
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

/** A workflow that can go on in a new run. */
export interface Continuable {
  readonly ledger: Pick<Ledger, 'store'>;
  /** Signals that this run has taken. */
  signals(): number;
  /** Something is being looked into. */
  holds(): boolean;
  /** There is something to go on with. */
  isPending(): boolean;
  /** All of its state: what the next run is given. Plain JSON. */
  carried(): object;
}

/**
 * @param argument of our own workflow types; undefined in a workflow of one's own, which sees to its runs itself
 * @param events that one run may have, where it is not signals that make it long
 */
export function nextRunOf(from: Continuable, argument: unknown, events = Number.POSITIVE_INFINITY): NextRun {
  if (argument === undefined) return { dueAt: () => undefined, startIfDue: () => Promise.resolve() };
  let next: Instant = 0;
  let tooLarge = false;
  // Suggested by the server for what is no signal, too: many updates, reminders over years.
  const due = () =>
    !tooLarge &&
    (from.signals() >= SIGNALS ||
      workflowInfo().continueAsNewSuggested ||
      workflowInfo().historyLength >= events);
  return {
    dueAt: () => (due() ? next : undefined),
    async startIfDue() {
      if (!due() || now() < next) return;
      const calm = await lull(from);
      next = now() + AGAIN;
      if (!calm) return;
      // What this run has noted is only in its own memory, should the store lack any of it.
      await from.ledger.store(() => !from.isPending(), { sure: true });
      if (from.holds() || !from.isPending()) return;
      const carried = JSON.parse(canonical(from.carried())) as object;
      tooLarge = utf8Length(canonical({ carried, argument })) > MOST_BYTES;
      if (tooLarge) return;
      const goOn = makeContinueAsNewFunc<(argument: unknown, carried: object) => Promise<unknown>>();
      await goOn(argument, carried);
    },
  };
}

/** Whether nothing came for a moment, and nothing is in between. */
async function lull(from: Continuable): Promise<boolean> {
  for (let times = 0; times < LULLS; times += 1) {
    const before = from.signals();
    await condition(() => from.signals() !== before, LULL);
    if (from.signals() === before) return !from.holds() && allHandlersFinished() && from.isPending();
  }
  return false;
}
