/**
 * One gate in its workflow, from the workflow's first moment to its last: its state, its mailbox, and what is told of it. What may happen
 * is decided in the domain; here is only when and with which facts.
 */
import { CancellationScope, setCurrentDetails } from '@temporalio/workflow';
import type { Escalation, Gate, Instant, Outcome } from '../../domain/gate';
import type { Packet, Result } from '../../domain/packet';
import { remembering } from '../../domain/gate/receipts';
import { transitions } from '../../domain/transitions';
import { details } from '../details';
import type { Ledger } from '../record/ledger';
import { bindDecisions } from '../runtime/handlers';
import type { Mailbox } from '../runtime/mailbox';
import { meterUnopened, openMeter } from '../runtime/metrics';
import type { Carried, GateContext } from './context';
import { openGateMailbox } from './gate-mailbox';
import { openNotices, type Notices } from './notices';
import { packetView } from './packet-view';
import { runtimeState, type GateIdentity, type RuntimeState } from './runtime-state';
import { announce, announceState } from './search-attributes';

export interface GateRuntime extends GateIdentity {
  readonly ledger: Ledger;
  readonly notices: Notices;
  readonly mailbox: Mailbox;
  gate(): Gate | undefined;
  packet(): Packet;
  context(): GateContext;
  /** Keeps what the worker has told of itself. */
  learn(context: GateContext): void;
  /** When people were first asked, where that is known. */
  openedAt(): Instant | undefined;
  /** Decisions wait for something to be found out; nothing expires, and no run ends, before they are judged. */
  holds(): boolean;
  /** Signals that this run has taken. */
  signals(): number;
  /** Puts the gate into its next state, as the domain made it: on record, in the metrics, the inbox and the Web UI, and told to people. */
  move(next: Gate): void;
  /** It is approved and executes for longer than a moment: it leaves the inbox, where it has not yet. */
  announceApproved(): void;
  /** Before a gate opens: a child workflow is asked, such as an agent's level. */
  waitOn(child: Pick<Packet, 'level' | 'waitingOn'> | undefined): void;
  /** Before the gate opens: why it has to wait for a place. */
  queue(why: string | undefined): void;
  /** The workflow ended without a gate. */
  closeUnopened(outcome: Outcome, reason?: string, escalations?: readonly Escalation[]): void;
  /** How it ended: whoever waits for the outcome gets it. */
  conclude(result: Result): void;
}

export interface GateOptions extends GateIdentity {
  readonly context: GateContext;
  readonly ledger: Ledger;
  /** What the run before this one left. */
  readonly carried?: Carried | undefined;
  /** The workflow's gate before this one, which goes on answering for its decisions. */
  readonly before?: GateRuntime | undefined;
}

export function openGateRuntime(options: GateOptions): GateRuntime {
  const { root, name, requester, plan, context, ledger, carried, before } = options;
  const state = runtimeState({ root, name, requester, plan }, context, carried);
  const packet = packetView(state);
  const show = () => setCurrentDetails(details(packet()));
  const meter = openMeter(carried?.openedAt);
  const notices = openNotices(ledger, () => state.context.channels === true);
  const move = mover(state, { ledger, meter, notices, show });
  const mailbox = openGateMailbox(state, ledger, move, before?.mailbox);
  ledger.watch((reason) => {
    if (state.unstored === reason) return;
    state.unstored = reason;
    announceApproved(state);
    show();
  });
  const signals = bindDecisions({
    mailbox,
    packet,
    gate: {
      isJudging: (id) => state.gate !== undefined && state.held.some(({ decision }) => decision.id === id),
      isDecided: () => state.gate !== undefined && DECIDED.includes(state.gate.status),
      result: () => state.result,
    },
  });
  show();
  // Cancelled with the workflow it would leave decisions unanswered.
  void CancellationScope.nonCancellable(() => mailbox.judgeAllHeld());
  return {
    ...{ root, name, requester, plan, ledger, notices, mailbox, packet, signals, move },
    gate: () => state.gate,
    context: () => state.context,
    learn(learnt) {
      state.context = learnt;
    },
    openedAt: () => meter.openedAt(),
    holds: () => state.held.length > 0,
    announceApproved: () => announceApproved(state),
    waitOn(child) {
      state.child = child;
      show();
    },
    queue(why) {
      state.queued = why;
      if (why !== undefined) ledger.note({ type: 'queued', gate: name, reason: why });
      show();
    },
    closeUnopened(outcome, reason, escalations = []) {
      const because = reason === undefined ? {} : { reason };
      state.unopened = { outcome, ...because, ...(escalations.length === 0 ? {} : { escalations }) };
      mailbox.close(outcome);
      ledger.note({ type: 'closed', outcome, ...because });
      meterUnopened(outcome);
      show();
    },
    conclude(result) {
      state.result = result;
    },
  };
}

/** People are done with it. */
const DECIDED: readonly Gate['status'][] = ['approved', 'executing', 'closed'];

/** Who is told of each of a gate's moves. */
interface Witnesses {
  readonly ledger: Ledger;
  readonly meter: ReturnType<typeof openMeter>;
  readonly notices: Notices;
  readonly show: () => void;
}

function mover(state: RuntimeState, { ledger, meter, notices, show }: Witnesses): (next: Gate) => void {
  return (next) => {
    const before = state.gate;
    state.gate = before === undefined ? remembering(next, state.early) : next;
    for (const fact of transitions(before, next)) ledger.note(fact);
    meter.moved(before, next);
    // What is executed within the moment need not be told from what waits, and an attribute costs an event.
    const short = next.status === 'approved' && isShort(next);
    state.unannounced = short || (state.unannounced && next.status === 'executing');
    if (!short) announce(before, next);
    notices.moved(before, next);
    show();
  };
}

function announceApproved(state: RuntimeState): void {
  if (!state.unannounced || state.gate === undefined) return;
  state.unannounced = false;
  announceState('approved');
}

function isShort({ assessment: { runs } }: Gate): boolean {
  return runs.in === 'worker' && runs.short === true;
}
