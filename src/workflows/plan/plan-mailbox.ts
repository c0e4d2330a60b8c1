/**
 * Where a plan takes its messages. Nothing is decided here: each step is decided in its own workflow, and whoever asks at the plan is
 * told which one that is. What arrives is on record all the same.
 */
import { allHandlersFinished, condition, setCurrentDetails } from '@temporalio/workflow';
import type { Via } from '../../domain/audit';
import { parseDecision, type Decision, type Receipt } from '../../domain/decision';
import type { Root } from '../../domain/digest';
import type { Packet } from '../../domain/packet';
import { nextOf, tally, viewOf, type Plan } from '../../domain/plan';
import { stepWorkflow, undoGate } from '../../domain/plan-names';
import type { PlanStart } from '../../domain/plan-start';
import { answerTo, receiptFor, refuse, repeat, type Answers } from '../../domain/receipts';
import { refusal, type Refusal } from '../../domain/refusal';
import { details } from '../details';
import { handle, type Counter } from '../runtime/handlers';
import { openLedger, type Ledger, type LedgerState } from '../record/ledger';

/** What one run of a plan hands to the next. */
export interface CarriedPlan {
  readonly plan: Plan;
  readonly answers: Pick<Answers, 'answered' | 'refusals'>;
  readonly ledger: LedgerState;
}

export interface PlanDesk extends Counter {
  readonly root: Root;
  readonly ledger: Ledger;
  plan(): Plan;
  move(next: Plan): void;
  /** The workflow of the step that people are asked in; undefined between two steps. */
  waitOn(child: string | undefined): void;
  /** Resolves once everything that arrived is on record, and answered. */
  close(): Promise<void>;
  signals(): number;
  carried(): CarriedPlan;
}

export function openPlanDesk(root: Root, start: PlanStart, begun: Plan, carried?: CarriedPlan): PlanDesk {
  let plan = carried?.plan ?? begun;
  let book = carried?.answers ?? { answered: [], refusals: 0 };
  let child: string | undefined;
  let closed = false;
  let waitingFor: string | undefined;
  let signals = 0;
  const gateNow = () => {
    const next = nextOf(start, plan);
    const last = plan.done.at(-1)?.end.name ?? '';
    return next.do === 'end' ? last : next.do === 'undo' ? undoGate(next.step.name) : next.step.name;
  };
  const ledger = openLedger(root, start.steps[0]?.name ?? '', carried?.ledger);
  const packet = (): Packet => {
    const { outcome, reason } = tally(start, plan);
    const end = { outcome, ...(reason === undefined ? {} : { reason }) };
    return {
      v: 1,
      workflowId: root.workflowId,
      root,
      gate: gateNow(),
      status: closed ? 'closed' : child === undefined ? 'proposing' : 'waiting',
      ...(closed ? end : {}),
      requester: start.requester,
      revision: 0,
      plan: viewOf(start, plan),
      signatures: [],
      verdicts: [],
      ...(child === undefined ? {} : { waitingOn: child }),
      authentication: 'open',
      ...(waitingFor === undefined ? {} : { waitingFor }),
    };
  };
  const show = () => {
    setCurrentDetails(details(packet()));
  };
  ledger.watch((reason) => {
    waitingFor = reason;
    show();
  });
  const answers = (): Answers => ({ gate: gateNow(), revision: 0, ...book });

  /** Undefined for a repeat, which gets its first answer again. */
  function why(decision: Decision): Refusal | undefined {
    const before = answerTo(answers(), decision.id);
    if (before !== undefined && repeat(before, decision)?.code !== 'ID_REUSED') return undefined;
    if (before !== undefined) return refusal('ID_REUSED', { id: decision.id });
    if (closed) return refusal('GATE_CLOSED', { state: `closed, outcome ${tally(start, plan).outcome}` });
    const gate = gateNow();
    return refusal('ASK_CHILD', { child: child ?? stepWorkflow(root, gate), asked: `step ${gate}` });
  }

  function turnAway(sent: { readonly id: string }, refused: Refusal): Receipt {
    const { answered, refusals } = refuse(answers(), sent, refused);
    book = { answered, refusals };
    return { id: sent.id, status: 'refused', ...refused, gate: gateNow(), revision: 0 };
  }

  const desk: PlanDesk = {
    root,
    ledger,
    plan: () => plan,
    move(next) {
      plan = next;
      show();
    },
    waitOn(workflowId) {
      child = workflowId;
      show();
    },
    take(decision, via) {
      const { id, reviewer, verdict } = decision;
      if (via === 'signal') signals += 1;
      const refused = why(decision);
      const gate = gateNow();
      if (refused === undefined) {
        ledger.noteBounded({ type: 'repeated', gate, id, via });
        return receiptFor(answers(), id);
      }
      ledger.noteBounded({ type: 'refused', gate, id, reviewer, verdict, via, ...refused });
      return turnAway(decision, refused);
    },
    malformed(problem: string, id: string | undefined, via: Via) {
      if (via === 'signal') signals += 1;
      const refused = refusal('MALFORMED_DECISION', { problem });
      const named = id === undefined ? {} : { id };
      ledger.noteBounded({ type: 'refused', gate: gateNow(), ...named, via, ...refused });
      if (id !== undefined) return turnAway({ id, problem } as { id: string }, refused);
      return { id: '', status: 'refused', ...refused, gate: gateNow(), revision: 0 };
    },
    stray(signal) {
      signals += 1;
      ledger.noteBounded({ type: 'unknown-signal', gate: gateNow(), name: signal.slice(0, 200) });
    },
    receipt: (id) => receiptFor(answers(), id),
    dryRun(payload) {
      const parsed = parseDecision(payload);
      const id = (parsed.ok ? parsed.decision.id : parsed.id) ?? '';
      const refused = parsed.ok
        ? why(parsed.decision)
        : refusal('MALFORMED_DECISION', { problem: parsed.problem });
      if (refused === undefined) return receiptFor(answers(), id);
      return { id, status: 'refused', ...refused, gate: gateNow(), revision: 0 };
    },
    packet,
    isHeld: () => false,
    hasGate: () => false,
    isDecided: () => false,
    concluded: () => undefined,
    async close() {
      closed = true;
      const { outcome, reason } = tally(start, plan);
      ledger.note({ type: 'closed', outcome, ...(reason === undefined ? {} : { reason }) });
      show();
      do {
        await ledger.store();
        await condition(allHandlersFinished);
      } while (ledger.pending() > 0);
    },
    signals: () => signals,
    carried: () => ({ plan, answers: book, ledger: ledger.state() }),
  };
  handle(desk);
  show();
  return desk;
}
