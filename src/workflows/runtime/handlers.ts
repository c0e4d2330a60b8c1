/**
 * Signals, updates and queries, bound before the workflow's first await. Nothing that a sender sent is ever thrown from here: a signal
 * cannot answer its sender, and what is thrown from its handler fails the workflow or stops it for ever.
 */
import {
  ApplicationFailure,
  condition,
  setDefaultSignalHandler,
  setHandler,
  type SignalDefinition,
} from '@temporalio/workflow';
import type { Via } from '../../domain/audit';
import { parseDecision, type Decision, type Receipt } from '../../domain/gate/decision';
import type { Packet, Result } from '../../domain/packet';
import { refusal } from '../../domain/gate/refusals';
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
import type { Mailbox } from './mailbox';
import { traceDecision } from './tracing';

/** The one signal that a workflow takes, and every other one. */
export interface SignalRules {
  readonly signal: SignalDefinition<[unknown]>;
  readonly description: string;
  readonly take: (payload: unknown) => void;
  readonly takeStray: (signal: string) => void;
}

/**
 * @param others binds the workflow's updates and queries. What has been waiting for a handler comes as it is bound: signals of ours
 * first, then updates, then stray signals.
 * @returns how many signals this run has taken
 */
export function bindSignals(
  { signal, description, take, takeStray }: SignalRules,
  others: () => void,
): () => number {
  let signals = 0;
  const handler = (payload: unknown) => {
    signals += 1;
    take(payload);
  };
  const stray = (name: string) => {
    signals += 1;
    takeStray(name);
  };
  takeSignals({ name: signal.name, handler, stray });
  setHandler(signal, handler, { description });
  others();
  setDefaultSignalHandler(stray);
  return () => signals;
}

/** A place that takes decisions, as its handlers see it. */
export interface DecisionPlace {
  readonly mailbox: Mailbox;
  readonly packet: () => Packet;
  /** Where decisions count: a plan only tells where they do. */
  readonly gate?: {
    /** Something is being found out of it, at a gate that is there; it will have a receipt. */
    isJudging(id: string): boolean;
    /** People are done with it. */
    isDecided(): boolean;
    /** How the workflow ended. */
    result(): Result | undefined;
  };
}

type Update<T> = (payload: unknown) => T | Promise<T>;

/** Of the place that was bound last. */
let updates: { readonly decide: Update<Receipt>; readonly decideForOutcome: Update<Concluded> } | undefined;

/** Before there is a place for decisions the SDK keeps signals, and would turn updates away. They wait here, and are answered there. */
export function holdUpdates(): void {
  const bound = () => condition(() => updates !== undefined);
  const validated = { validator: refuseMalformed };
  setHandler(
    decideUpdate,
    (payload) => bound().then(() => updates?.decide(payload) as Promise<Receipt>),
    validated,
  );
  setHandler(
    decideForOutcomeUpdate,
    (payload) => bound().then(() => updates?.decideForOutcome(payload) as Promise<Concluded>),
    validated,
  );
}

/** @returns how many signals this run has taken */
export function bindDecisions(place: DecisionPlace): () => number {
  const { mailbox } = place;
  const take = (payload: unknown, via: Via): Receipt => {
    const parsed = parseDecision(payload);
    if (!parsed.ok) return mailbox.takeMalformed(parsed.problem, parsed.id, via);
    return traced(mailbox.take(parsed.decision, via), parsed.decision, via);
  };
  return bindSignals(
    {
      signal: decideSignal,
      description: DESCRIPTIONS.decide,
      take: (payload) => void take(payload, 'signal'),
      takeStray: (signal) => mailbox.takeStray(signal),
    },
    () => {
      bindUpdates(place, (payload) => take(payload, 'update'));
      bindQueries(place);
    },
  );
}

function traced(receipt: Receipt, decision: Decision, via: Via): Receipt {
  traceDecision(decision, receipt, via);
  return receipt;
}

function bindUpdates({ mailbox, gate }: DecisionPlace, take: (payload: unknown) => Receipt): void {
  const decide = (payload: unknown): Receipt | Promise<Receipt> => {
    const receipt = take(payload);
    const { id, status } = receipt;
    if (status !== 'pending' || gate?.isJudging(id) !== true) return receipt;
    return condition(() => !gate.isJudging(id)).then(() => mailbox.receipt(id));
  };
  const decideForOutcome = async (payload: unknown): Promise<Concluded> => {
    const receipt = await decide(payload);
    if (receipt.status !== 'admitted' || gate?.isDecided() !== true) return receipt;
    await condition(() => gate.result() !== undefined);
    const result = gate.result();
    return result === undefined ? receipt : { ...receipt, result };
  };
  updates = { decide, decideForOutcome };
  const validator = refuseMalformed;
  setHandler(decideUpdate, decide, { description: DESCRIPTIONS.decide, validator });
  setHandler(decideForOutcomeUpdate, decideForOutcome, {
    description: DESCRIPTIONS.decideForOutcome,
    validator,
  });
}

function bindQueries({ mailbox, packet }: DecisionPlace): void {
  setHandler(gateQuery, packet, { description: DESCRIPTIONS.gate });
  setHandler(receiptQuery, (id) => mailbox.receipt(typeof id === 'string' ? id : ''), {
    description: DESCRIPTIONS.receipt,
  });
  setHandler(admitQuery, (payload) => mailbox.dryRun(payload), { description: DESCRIPTIONS.admit });
}

function refuseMalformed(payload: unknown): void {
  const parsed = parseDecision(payload);
  if (parsed.ok) return;
  const { code, message } = refusal('MALFORMED_DECISION', { problem: parsed.problem });
  throw ApplicationFailure.nonRetryable(`${code}: ${message}`, code);
}
