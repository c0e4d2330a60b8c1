/**
 * What a gate makes of a decision whose id is new. Most are judged in the handler. Held are those that came before the gate was open, those
 * that something has to be found out of (`held-decisions.ts`), and whatever comes behind one that is held: the first one counts first.
 */
import { condition } from '@temporalio/workflow';
import { admit } from '../../domain/gate/admit';
import type { Via } from '../../domain/audit';
import type { Decision, Receipt } from '../../domain/gate/decision';
import { decide, receiptFor, refuse, type Gate, type Instant, type Reassessed } from '../../domain/gate';
import { gradeIn } from '../../domain/gate/sender-grade';
import { levelAt } from '../../domain/policy';
import { answerTo, repeat } from '../../domain/gate/receipts';
import { refusal, type Refusal } from '../../domain/gate/refusals';
import { canProve, goodUntil, isToBeVerified } from '../../domain/gate/signature';
import type { Ledger } from '../record/ledger';
import { openMailbox, pendingReceipt, refusedReceipt, type Mailbox } from '../runtime/mailbox';
import { moment, unpinnedNow } from '../runtime/replay-clock';
import { judgeHeld, type Findings, type HeldDecision } from './held-decisions';
import type { RuntimeState } from './runtime-state';

/** Decisions that may wait for a gate to open: after a reset they come before it. */
const MOST_EARLY = 100;

export interface GateMailbox extends Mailbox {
  /** Judges what is held, to the workflow's end and whatever the gate is at: nobody who waits for an answer waits for ever. */
  judgeAllHeld(): Promise<never>;
  /** No gate will open: refuses what is held. */
  close(outcome: string): void;
}

/** A gate's mailbox at work. */
interface Box {
  readonly state: RuntimeState;
  readonly ledger: Ledger;
  readonly mailbox: Mailbox;
  /** Puts the gate into its next state. */
  readonly move: (next: Gate) => void;
}

export function openGateMailbox(
  state: RuntimeState,
  ledger: Ledger,
  move: Box['move'],
  before: Mailbox | undefined,
): GateMailbox {
  const mailbox = openMailbox(
    {
      book: () => state.gate ?? state.early,
      remember(sent, refused) {
        if (state.gate === undefined) state.early = refuse(state.early, sent, refused);
        else state.gate = refuse(state.gate, sent, refused);
      },
      held: (id) => state.held.find(({ decision }) => decision.id === id)?.decision,
      judge: (decision, via) =>
        state.gate === undefined
          ? holdUntilOpen(box, decision, via)
          : judgeOrHold(box, state.gate, decision, via),
      foresee: (decision) => foreseen(state, decision),
      before,
    },
    ledger,
  );
  const box: Box = { state, ledger, mailbox, move };
  return {
    ...mailbox,
    judgeAllHeld: () => judgeAllHeld(box),
    close(outcome) {
      const closed = refusal('GATE_CLOSED', { state: `closed, outcome ${outcome}` });
      const { held } = state;
      state.held = [];
      for (const { decision, via } of held) mailbox.refuse(decision, via, closed);
    },
  };
}

function holdUntilOpen(box: Box, decision: Decision, via: Via): Receipt {
  const { state, mailbox } = box;
  const came = moment();
  const refused = mayNotWait(state, state.held.length);
  if (refused !== undefined) return mailbox.refuse(decision, via, refused);
  return hold(state, { decision, via, came, late: false, signed: true });
}

function hold(state: RuntimeState, held: HeldDecision): Receipt {
  state.held.push(held);
  return pendingReceipt(held.decision.id, state.gate ?? state.early);
}

function judgeOrHold(box: Box, gate: Gate, decision: Decision, via: Via): Receipt {
  const { state, mailbox } = box;
  const came = moment();
  const refused = admit(gate, decision, came.at);
  const late = via === 'signal' && isReadLate(gate, decision, came.at);
  const mayCount = late || refused === undefined;
  const signed = mayCount && isToBeVerified(gate.reviewers, decision);
  const edit = mayCount && decision.verdict === 'edit';
  if (late || edit || signed || state.held.length > 0)
    return hold(state, { decision, via, came, late, signed });
  if (refused !== undefined) return mailbox.refuse(decision, via, refused);
  return count(box, gate, decision, via, came.at);
}

async function judgeAllHeld(box: Box): Promise<never> {
  const { state } = box;
  const gate = () => state.gate as Gate; // nothing held is judged before the gate opens
  for (;;) {
    await condition(() => state.gate !== undefined && state.held.length > 0);
    await judgeHeld(state.held, gate, state.context, (one, findings) => {
      state.held = state.held.filter((other) => other !== one);
      judge(box, gate(), one, findings);
    });
  }
}

function judge(box: Box, gate: Gate, { decision, via }: HeldDecision, findings: Findings): void {
  const { mailbox } = box;
  const { at, found, unfit, unknown } = findings;
  if (mailbox.repeated(decision, via) !== undefined) return;
  const refused = unknown ?? admit(gate, decision, at) ?? unfit;
  if (refused === undefined) count(box, gate, decision, via, at, found);
  else mailbox.refuse(decision, via, refused);
}

/** An admitted decision is an entry, and makes the next gate. @param found of an edit's args */
function count(
  { ledger, move, state }: Box,
  gate: Gate,
  decision: Decision,
  via: Via,
  at: Instant,
  found?: Reassessed,
): Receipt {
  const graded = gradeIn(gate, decision, at);
  const authentication = 'grade' in graded ? graded.grade : 'open';
  const level = levelAt(gate.policy, gate.rung).name;
  const { gate: name, revision } = gate;
  ledger.note({ type: 'decided', gate: name, revision, level, decision, via, authentication });
  move(decide(gate, decision, at, found));
  return receiptFor(state.gate as Gate, decision.id);
}

/** Why a decision may not wait for the gate to open. */
function mayNotWait({ unopened }: RuntimeState, waiting: number): Refusal | undefined {
  if (unopened !== undefined)
    return refusal('GATE_CLOSED', { state: `closed, outcome ${unopened.outcome ?? ''}` });
  return waiting >= MOST_EARLY ? refusal('TOO_EARLY', { limit: MOST_EARLY }) : undefined;
}

/** The receipt that a decision would get now. */
function foreseen(state: RuntimeState, decision: Decision): Receipt {
  const { gate, early, held } = state;
  const { id } = decision;
  const place = gate ?? early;
  if (gate !== undefined) {
    const refused = admit(gate, decision, unpinnedNow());
    if (refused !== undefined) return refusedReceipt(id, refused, place);
    return { id, status: 'admitted', gate: place.gate, revision: place.revision };
  }
  const first = answerTo(early, id);
  const waits = held.some((one) => one.decision.id === id) ? 0 : held.length;
  const refused = first === undefined ? mayNotWait(state, waits) : repeat(first, decision);
  return refused === undefined ? pendingReceipt(id, place) : refusedReceipt(id, refused, place);
}

/** After the deadline, or the time of what stands on it: whether the server received it before, its history knows. */
function isReadLate(gate: Gate, decision: Decision, at: Instant): boolean {
  if (gate.status !== 'open') return false;
  const { reviewers, policy } = gate;
  return at >= gate.deadline || (canProve(reviewers) && at >= goodUntil(decision, policy));
}
