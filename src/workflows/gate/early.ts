/** What a desk answers before there is a gate, and where there will be none: the gate, once it opens, remembers it. */
import type { Decision, Receipt } from '../../domain/decision';
import { refusal, type Refusal } from '../../domain/refusal';
import { answerTo, receiptFor, refuse, remembering, repeat, type Answers } from '../../domain/receipts';

/** Decisions that may wait for a gate to open: after a reset they come before it. */
const WAITING = 100;

export interface Early {
  /** Why a decision may not wait for the gate to open. */
  why(decision: Decision, waiting: number): Refusal | undefined;
  /** The first answer, where the same decision has had one. */
  repeated(decision: Decision): Receipt | undefined;
  refuse(sent: { readonly id: string }, why: Refusal): void;
  receipt(id: string): Receipt;
  /** No gate will open. */
  close(outcome: string): void;
  /** The gate that has opened, with what was answered before. */
  remembered<G extends Answers>(gate: G): G;
}

export function openEarly(gate: string): Early {
  let book: Answers = { gate, revision: 0, answered: [], refusals: 0 };
  let ended: string | undefined;
  const again = (decision: Decision) => {
    const before = answerTo(book, decision.id);
    return before === undefined ? undefined : { before, refused: repeat(before, decision) };
  };
  return {
    why(decision, waiting) {
      const repetition = again(decision);
      if (repetition !== undefined) return repetition.refused;
      if (ended !== undefined) return refusal('GATE_CLOSED', { state: `closed, outcome ${ended}` });
      return waiting >= WAITING ? refusal('TOO_EARLY', { limit: WAITING }) : undefined;
    },
    repeated(decision) {
      const repetition = again(decision);
      return repetition?.refused?.code === 'ID_REUSED' ? undefined : repetition?.before.receipt;
    },
    refuse(sent, why) {
      book = refuse(book, sent, why);
    },
    receipt: (id) => receiptFor(book, id),
    close(outcome) {
      ended = outcome;
    },
    remembered: (opened) => remembering(opened, book),
  };
}
