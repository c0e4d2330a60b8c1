/**
 * One plan in its workflow: where it stands, and its mailbox. Nothing is decided here: each step is decided in its own workflow, and
 * whoever asks at the plan is told which one that is. What arrives is on record all the same.
 */
import { allHandlersFinished, condition, setCurrentDetails } from '@temporalio/workflow';
import type { Decision, Receipt } from '../../domain/gate/decision';
import { canonical, sha256Hex, type Root } from '../../domain/digest';
import type { Packet } from '../../domain/packet';
import { NEW_PLAN, nextOf, tally, viewOf, type Next, type Plan } from '../../domain/plan';
import { stepWorkflow, undoGate } from '../../domain/plan-names';
import type { PlanStart } from '../../domain/plan-start';
import type { PlanView } from '../../domain/plan-view';
import { answerTo, refuse, repeat, type Answers } from '../../domain/gate/receipts';
import { refusal, type Refusal } from '../../domain/gate/refusals';
import { details } from '../details';
import { openLedger, type Ledger, type LedgerState } from '../record/ledger';
import { nextRunOf, type NextRun } from '../runtime/continue-as-new';
import type { EarlierRun } from '../runtime/earlier-runs';
import { bindDecisions } from '../runtime/handlers';
import { openMailbox, refusedReceipt, type Mailbox } from '../runtime/mailbox';

/** What one run of a plan hands to the next. */
export interface CarriedPlan {
  readonly plan: Plan;
  readonly answers: Pick<Answers, 'answered' | 'refusals'>;
  readonly ledger: LedgerState;
}

export interface PlanRuntime {
  readonly root: Root;
  readonly start: PlanStart;
  readonly ledger: Ledger;
  state(): Plan;
  next(): Next;
  /** As people see it. */
  view(): PlanView;
  move(next: Plan): void;
  /** The step under way is called off, and nothing further is begun. */
  callOff(): void;
  /** The workflow of the step that people are asked in; undefined between two steps. */
  waitOn(child: string | undefined): void;
  /** No step is left. */
  close(): void;
  /** Signals that this run has taken. */
  signals(): number;
  carried(): CarriedPlan;
}

/** All that the workflow knows of the plan while it runs. */
interface State {
  plan: Plan;
  book: CarriedPlan['answers'];
  /** The workflow of the step that people are asked in. */
  child: string | undefined;
  closed: boolean;
  /** Why the record is not stored. */
  unstored: string | undefined;
}

export function openPlanRuntime(
  root: Root,
  start: PlanStart,
  argument: unknown,
  earlier: EarlierRun<CarriedPlan> | undefined,
): PlanRuntime {
  const { plan = NEW_PLAN, answers: book = { answered: [], refusals: 0 } } = earlier?.carried ?? {};
  const state: State = { plan, book, child: undefined, closed: false, unstored: undefined };
  const ledger = openLedger(root, start.steps[0]?.name ?? '', earlier?.carried.ledger);
  const packet = () => packetOf(root, start, state);
  const show = () => setCurrentDetails(details(packet()));
  const move = (next: Plan) => {
    state.plan = next;
    show();
  };
  ledger.watch((reason) => {
    state.unstored = reason;
    show();
  });
  const signals = bindDecisions({ mailbox: planMailbox(root, start, state, ledger), packet });
  show();
  ledger.note(earlier === undefined ? planned(start, argument) : earlier.fact);
  return {
    ...{ root, start, ledger, signals, move },
    state: () => state.plan,
    next: () => nextOf(start, state.plan),
    view: () => viewOf(start, state.plan),
    callOff() {
      move({ ...state.plan, cancelled: true });
    },
    waitOn(child) {
      state.child = child;
      show();
    },
    close() {
      state.closed = true;
      const { outcome, reason } = tally(start, state.plan);
      ledger.note({ type: 'closed', outcome, ...(reason === undefined ? {} : { reason }) });
      show();
    },
    carried: () => ({ plan: state.plan, answers: state.book, ledger: ledger.state() }),
  };
}

/** Resolves once everything that arrived is on record, and answered. */
export async function conclude(plan: PlanRuntime): Promise<void> {
  const { ledger } = plan;
  plan.close();
  do {
    await ledger.store();
    await condition(allHandlersFinished);
  } while (ledger.pending() > 0);
}

/** Events of one run: a step takes some twelve. */
const EVENTS = 1_000;

export function nextRunOfPlan(plan: PlanRuntime, argument: unknown): NextRun {
  const continuable = {
    ledger: plan.ledger,
    signals: () => plan.signals(),
    holds: () => false,
    isPending: () => plan.next().do !== 'end',
    carried: () => plan.carried(),
  };
  return nextRunOf(continuable, argument, EVENTS);
}

/** Whoever decides at the plan is told which workflow to decide in. */
function planMailbox(root: Root, start: PlanStart, state: State, ledger: Ledger): Mailbox {
  const book = (): Answers => ({ gate: gateOf(start, state.plan), revision: 0, ...state.book });
  const whyNot = (): Refusal => {
    const { gate } = book();
    if (state.closed)
      return refusal('GATE_CLOSED', { state: `closed, outcome ${tally(start, state.plan).outcome}` });
    const child = state.child ?? stepWorkflow(root, gate);
    return refusal('ASK_CHILD', { child, asked: `step ${gate}` });
  };
  const foresee = (decision: Decision): Receipt => {
    const { id } = decision;
    const first = answerTo(book(), id);
    if (first === undefined) return refusedReceipt(id, whyNot(), book());
    const again = repeat(first, decision);
    return again?.code === 'ID_REUSED' ? refusedReceipt(id, again, book()) : first.receipt;
  };
  const mailbox = openMailbox(
    {
      book,
      remember(sent, refused) {
        const { answered, refusals } = refuse(book(), sent, refused);
        state.book = { answered, refusals };
      },
      judge: (decision, via) => mailbox.refuse(decision, via, whyNot()),
      foresee,
    },
    ledger,
  );
  return mailbox;
}

/** The gate of the step that comes next, or of the last one. */
function gateOf(start: PlanStart, plan: Plan): string {
  const next = nextOf(start, plan);
  if (next.do === 'end') return plan.done.at(-1)?.end.name ?? '';
  return next.do === 'undo' ? undoGate(next.step.name) : next.step.name;
}

function packetOf(root: Root, start: PlanStart, { plan, closed, child, unstored }: State): Packet {
  const { outcome, reason } = tally(start, plan);
  const end = { outcome, ...(reason === undefined ? {} : { reason }) };
  return {
    v: 1,
    workflowId: root.workflowId,
    root,
    gate: gateOf(start, plan),
    status: closed ? 'closed' : child === undefined ? 'proposing' : 'waiting',
    ...(closed ? end : {}),
    requester: start.requester,
    revision: 0,
    plan: viewOf(start, plan),
    signatures: [],
    verdicts: [],
    ...(child === undefined ? {} : { waitingOn: child }),
    authentication: 'open',
    ...(unstored === undefined ? {} : { waitingFor: unstored }),
  };
}

function planned({ requester, onReject, steps }: PlanStart, argument: unknown) {
  return {
    type: 'planned' as const,
    requester,
    onReject,
    steps: steps.map(({ name }) => name),
    plan: sha256Hex(canonical(argument)),
  };
}
