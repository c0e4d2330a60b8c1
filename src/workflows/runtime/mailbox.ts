/**
 * Where decisions arrive: at a gate, before it opens, or at a plan. What is the same in all of them is here: a repeat gets its first
 * receipt again, an id is used once, what is malformed leaves a receipt, and all of it is an entry in the record. What a place makes of a
 * new decision are its rules. Nothing here throws, whatever was sent.
 */
import type { Via } from '../../domain/audit';
import { parseDecision, type Decision, type Receipt } from '../../domain/gate/decision';
import { canonical } from '../../domain/digest';
import { answerTo, receiptFor, repeat, type Answers } from '../../domain/gate/receipts';
import { refusal, type Refusal } from '../../domain/gate/refusals';
import type { Ledger } from '../record/ledger';

export interface MailboxRules {
  /** The receipts that were given so far; a new one names its gate and revision. */
  book(): Answers;
  /** Puts the receipt of a refusal into the book. */
  remember(sent: { readonly id: string }, refused: Refusal): void;
  /** Counts, holds or refuses a decision whose id is new. */
  judge(decision: Decision, via: Via): Receipt;
  /** The receipt that a decision would get now; nothing is recorded. */
  foresee(decision: Decision): Receipt;
  /** The decision that was taken under an id, and waits to be judged. */
  held?(id: string): Decision | undefined;
  /** The mailbox of the workflow's gate before this one, which goes on answering for its decisions. */
  readonly before?: Mailbox | undefined;
}

export interface Mailbox {
  take(decision: Decision, via: Via): Receipt;
  /** A payload that is no decision: it leaves an entry and, where it has a readable id, a receipt. */
  takeMalformed(problem: string, id: string | undefined, via: Via): Receipt;
  /** A signal of a name that is not ours. */
  takeStray(signal: string): void;
  /** `unknown` for an id that has no receipt here. */
  receipt(id: string): Receipt;
  /** The receipt that a payload would get now; nothing is recorded. */
  dryRun(payload: unknown): Receipt;
  /** For the rules: the receipt of an id that has one already. */
  repeated(decision: Decision, via: Via): Receipt | undefined;
  /** For the rules: refuses a decision, with a receipt and an entry. */
  refuse(decision: Decision, via: Via, why: Refusal): Receipt;
}

export function openMailbox(rules: MailboxRules, ledger: Ledger): Mailbox {
  return {
    take: (decision, via) => take(rules, ledger, decision, via),
    takeMalformed: (problem, id, via) => takeMalformed(rules, ledger, problem, id, via),
    takeStray(signal) {
      const { gate } = rules.book();
      ledger.noteBounded({ type: 'unknown-signal', gate, name: signal.slice(0, 200) });
    },
    receipt: (id) => receiptOf(rules, id),
    dryRun: (payload) => dryRun(rules, payload),
    repeated: (decision, via) => repeated(rules, ledger, decision, via),
    refuse: (decision, via, why) => refuse(rules, ledger, decision, via, why),
  };
}

function take(rules: MailboxRules, ledger: Ledger, decision: Decision, via: Via): Receipt {
  const { id } = decision;
  const { before } = rules;
  if (before !== undefined && before.receipt(id).status !== 'unknown') return before.take(decision, via);
  const held = rules.held?.(id);
  if (held === undefined) return repeated(rules, ledger, decision, via) ?? rules.judge(decision, via);
  if (canonical(held) === canonical(decision)) return pendingReceipt(id, rules.book());
  return refuse(rules, ledger, decision, via, refusal('ID_REUSED', { id }));
}

function repeated(rules: MailboxRules, ledger: Ledger, decision: Decision, via: Via): Receipt | undefined {
  const { id } = decision;
  const book = rules.book();
  const first = answerTo(book, id);
  if (first === undefined) return undefined;
  const refused = repeat(first, decision);
  if (refused?.code === 'ID_REUSED') return refuse(rules, ledger, decision, via, refused);
  ledger.noteBounded({ type: 'repeated', gate: book.gate, id, via });
  return first.receipt;
}

function refuse(rules: MailboxRules, ledger: Ledger, decision: Decision, via: Via, why: Refusal): Receipt {
  const { id, reviewer, verdict } = decision;
  const { gate } = rules.book();
  ledger.noteBounded({ type: 'refused', gate, id, reviewer, verdict, via, ...why });
  remember(rules, decision, why);
  return refusedReceipt(id, why, rules.book());
}

function takeMalformed(
  rules: MailboxRules,
  ledger: Ledger,
  problem: string,
  id: string | undefined,
  via: Via,
): Receipt {
  const why = refusal('MALFORMED_DECISION', { problem });
  const { gate } = rules.book();
  ledger.noteBounded({ type: 'refused', gate, ...(id === undefined ? {} : { id }), via, ...why });
  // The problem stands for the content, which tells a repeat from a reuse.
  if (id !== undefined) remember(rules, { id, problem } as { id: string }, why);
  return refusedReceipt(id ?? '', why, rules.book());
}

/** The receipt of an id is its first decision's, which is still to come where that is held. */
function remember(rules: MailboxRules, sent: { readonly id: string }, why: Refusal): void {
  if (rules.held?.(sent.id) === undefined) rules.remember(sent, why);
}

function receiptOf(rules: MailboxRules, id: string): Receipt {
  if (rules.held?.(id) !== undefined) return pendingReceipt(id, rules.book());
  const here = receiptFor(rules.book(), id);
  return here.status === 'unknown' ? (rules.before?.receipt(id) ?? here) : here;
}

function dryRun(rules: MailboxRules, payload: unknown): Receipt {
  const parsed = parseDecision(payload);
  if (parsed.ok) return rules.foresee(parsed.decision);
  const why = refusal('MALFORMED_DECISION', { problem: parsed.problem });
  return refusedReceipt(parsed.id ?? '', why, rules.book());
}

type Place = Pick<Answers, 'gate' | 'revision'>;

export function refusedReceipt(id: string, why: Refusal, { gate, revision }: Place): Receipt {
  return { id, status: 'refused', ...why, gate, revision };
}

export function pendingReceipt(id: string, { gate, revision }: Place): Receipt {
  return { id, status: 'pending', gate, revision };
}
