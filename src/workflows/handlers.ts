/**
 * Signals, updates and queries, bound to a desk before the workflow's first await. Nothing that a sender sent is ever thrown
 * from here: a signal cannot answer its sender, and what is thrown from its handler fails the workflow or stops it for ever.
 */
import { ApplicationFailure, condition, setDefaultSignalHandler, setHandler } from '@temporalio/workflow';
import { parseDecision, type Receipt } from '../domain/decision';
import { receiptFor, type Gate } from '../domain/gate';
import { refusal } from '../domain/refusal';
import type { Desk } from './desk';
import {
  admitQuery,
  decideForOutcomeUpdate,
  decideSignal,
  decideUpdate,
  DESCRIPTIONS,
  gateQuery,
  receiptQuery,
  type Concluded,
} from './messages';
import { takeSignals } from './direct-signals';

export function handle(desk: Desk): void {
  const decide = (payload: unknown) => {
    const parsed = parseDecision(payload);
    if (parsed.ok) desk.take(parsed.decision, 'signal');
    else desk.malformed(parsed.problem, parsed.id, 'signal');
  };
  const stray = (signal: string) => {
    desk.stray(signal);
  };
  takeSignals({ name: decideSignal.name, handler: decide, stray });
  setHandler(decideSignal, decide, { description: DESCRIPTIONS.decide });
  const refuseMalformed = (payload: unknown) => {
    const parsed = parseDecision(payload);
    if (!parsed.ok) throw malformedUpdate(parsed.problem);
  };
  const answer = (payload: unknown): Receipt | Promise<Receipt> => {
    const parsed = parseDecision(payload);
    if (!parsed.ok) return desk.malformed(parsed.problem, parsed.id, 'update');
    const receipt = desk.take(parsed.decision, 'update');
    if (receipt.status !== 'pending' || desk.gate() === undefined) return receipt;
    return condition(() => !desk.isHeld(receipt.id)).then(() => receiptFor(desk.gate() as Gate, receipt.id));
  };
  setHandler(decideUpdate, answer, { description: DESCRIPTIONS.decide, validator: refuseMalformed });
  setHandler(
    decideForOutcomeUpdate,
    async (payload): Promise<Concluded> => {
      const receipt = await answer(payload);
      if (receipt.status !== 'admitted' || !decided(desk.gate())) return receipt;
      await condition(() => desk.concluded() !== undefined);
      const result = desk.concluded();
      return result === undefined ? receipt : { ...receipt, result };
    },
    { description: DESCRIPTIONS.decideForOutcome, validator: refuseMalformed },
  );
  setHandler(gateQuery, () => desk.packet(), { description: DESCRIPTIONS.gate });
  setHandler(receiptQuery, (id) => desk.receipt(typeof id === 'string' ? id : ''), {
    description: DESCRIPTIONS.receipt,
  });
  setHandler(admitQuery, (payload) => desk.dryRun(payload), { description: DESCRIPTIONS.admit });
  setDefaultSignalHandler(stray);
}

/** People are done with it. */
function decided(gate: Gate | undefined): boolean {
  return gate?.status === 'approved' || gate?.status === 'executing' || gate?.status === 'closed';
}

function malformedUpdate(problem: string): ApplicationFailure {
  const { code, message } = refusal('MALFORMED_DECISION', { problem });
  return ApplicationFailure.nonRetryable(`${code}: ${message}`, code);
}
