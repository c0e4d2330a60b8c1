/**
 * Signals, updates and queries, bound to a desk before the workflow's first await. Nothing that a sender sent is ever thrown
 * from here: a signal cannot answer its sender, and what is thrown from its handler fails the workflow or stops it for ever.
 */
import { ApplicationFailure, condition, setDefaultSignalHandler, setHandler } from '@temporalio/workflow';
import type { Via } from '../../domain/audit';
import { parseDecision, type Decision, type Receipt } from '../../domain/decision';
import type { Packet, Result } from '../../domain/packet';
import { refusal } from '../../domain/refusal';
import {
  admitQuery,
  decideForOutcomeUpdate,
  decideSignal,
  decideUpdate,
  DESCRIPTIONS,
  gateQuery,
  receiptQuery,
  type Concluded,
} from '../messages';
import { takeSignals } from './direct-signals';
import { traceDecision } from './tracing';

/** Where decisions are taken, or are told where to go. */
export interface Counter {
  take(decision: Decision, via: Via): Receipt;
  /** A payload that is no decision: it leaves an entry and, where it has a readable id, a receipt. */
  malformed(problem: string, id: string | undefined, via: Via): Receipt;
  /** A signal that nobody asked for. */
  stray(signal: string): void;
  receipt(id: string): Receipt;
  /** The receipt a decision would get now; nothing is recorded. */
  dryRun(payload: unknown): Receipt;
  packet(): Packet;
  /** Something has to be found out of it first. */
  isHeld(id: string): boolean;
  /** There is a gate: what is held is being looked into, and does not wait for one. */
  hasGate(): boolean;
  /** People are done with it. */
  isDecided(): boolean;
  /** How it ended. */
  concluded(): Result | undefined;
}

type Update<T> = (payload: unknown) => T | Promise<T>;

/** Those of the desk that was opened last. */
let updates: { readonly decide: Update<Receipt>; readonly decideForOutcome: Update<Concluded> } | undefined;

/** Before there is a desk: the SDK keeps signals for it, and would turn updates away. They wait here, and are answered there. */
export function awaitDesk(): void {
  const opened = () => condition(() => updates !== undefined);
  const validated = { validator: refuseMalformed };
  setHandler(
    decideUpdate,
    (payload) => opened().then(() => updates?.decide(payload) as Promise<Receipt>),
    validated,
  );
  setHandler(
    decideForOutcomeUpdate,
    (payload) => opened().then(() => updates?.decideForOutcome(payload) as Promise<Concluded>),
    validated,
  );
}

export function handle(desk: Counter): void {
  const taken = (decision: Decision, via: Via): Receipt => {
    const receipt = desk.take(decision, via);
    traceDecision(decision, receipt, via);
    return receipt;
  };
  const decide = (payload: unknown) => {
    const parsed = parseDecision(payload);
    if (parsed.ok) taken(parsed.decision, 'signal');
    else desk.malformed(parsed.problem, parsed.id, 'signal');
  };
  const stray = (signal: string) => {
    desk.stray(signal);
  };
  takeSignals({ name: decideSignal.name, handler: decide, stray });
  setHandler(decideSignal, decide, { description: DESCRIPTIONS.decide });
  const answer = (payload: unknown): Receipt | Promise<Receipt> => {
    const parsed = parseDecision(payload);
    if (!parsed.ok) return desk.malformed(parsed.problem, parsed.id, 'update');
    const receipt = taken(parsed.decision, 'update');
    if (receipt.status !== 'pending' || !desk.hasGate()) return receipt;
    return condition(() => !desk.isHeld(receipt.id)).then(() => desk.receipt(receipt.id));
  };
  const concluded = async (payload: unknown): Promise<Concluded> => {
    const receipt = await answer(payload);
    if (receipt.status !== 'admitted' || !desk.isDecided()) return receipt;
    await condition(() => desk.concluded() !== undefined);
    const result = desk.concluded();
    return result === undefined ? receipt : { ...receipt, result };
  };
  updates = { decide: answer, decideForOutcome: concluded };
  setHandler(decideUpdate, answer, { description: DESCRIPTIONS.decide, validator: refuseMalformed });
  setHandler(decideForOutcomeUpdate, concluded, {
    description: DESCRIPTIONS.decideForOutcome,
    validator: refuseMalformed,
  });
  setHandler(gateQuery, () => desk.packet(), { description: DESCRIPTIONS.gate });
  setHandler(receiptQuery, (id) => desk.receipt(typeof id === 'string' ? id : ''), {
    description: DESCRIPTIONS.receipt,
  });
  setHandler(admitQuery, (payload) => desk.dryRun(payload), { description: DESCRIPTIONS.admit });
  setDefaultSignalHandler(stray);
}

function refuseMalformed(payload: unknown): void {
  const parsed = parseDecision(payload);
  if (!parsed.ok) throw malformedUpdate(parsed.problem);
}

function malformedUpdate(problem: string): ApplicationFailure {
  const { code, message } = refusal('MALFORMED_DECISION', { problem });
  return ApplicationFailure.nonRetryable(`${code}: ${message}`, code);
}
