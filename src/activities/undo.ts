/**
 * An undo that nobody was asked about again runs on its step's approval. People signed the step together with this very undo: the step's
 * digest covers both, and a receipt of the executor's own says that this digest was executed.
 */
import { digestOf, effectKey, canonical } from '../domain/digest';
import type { Shortfall } from '../domain/judgement';
import { overdue } from '../domain/overdue';
import { stepWorkflow, undoGate } from '../domain/plan-names';
import type { Policy } from '../domain/policy';
import { factOf, type Entries } from './entries';
import type { Execution } from './types';

/** What the executor's own tables hold of an effect. */
export interface Effect {
  /** Whose effect was begun: handed to another worker, or run here. */
  readonly begun?: { readonly workflowId: string } | undefined;
  /** The digest that a receipt of a worker whose key counts was given for. */
  readonly receipt?: string | undefined;
}

export interface Effects {
  readonly effect: (key: string) => Promise<Effect>;
  /** Whether another worker runs the action. */
  readonly runsElsewhere: (action: string) => boolean;
}

/**
 * Why the step does not stand behind its undo; undefined where it does.
 * @param now milliseconds since 1970
 */
export async function uncovered(
  execution: Execution,
  policy: Policy,
  now: number,
  entries: Entries,
  { effect, runsElsewhere }: Effects,
): Promise<Shortfall | undefined> {
  const { root, gate, action, args, approval } = execution;
  const late = overdue(approval, policy, now);
  if (late !== undefined) return late;
  const not = (why: string): Shortfall => ({
    code: 'NOT_CONSENT',
    message: `it takes back a step that ${why}`,
  });
  const { undoes } = approval;
  if (undoes === undefined) return not('is not named');
  const chain = await entries(undoes.record);
  const at = chain.findIndex(({ seq, hash }) => seq === undoes.seq && hash === undoes.hash);
  const facts = chain.map(factOf);
  const step = facts[at];
  const name = step?.['gate'];
  if (step?.['type'] !== 'approved' || typeof name !== 'string')
    return not('the audit store does not know as approved');
  if (gate !== undoGate(name) || undoes.record.workflowId !== stepWorkflow(root, name))
    return not('is another one');
  const { revision, action: did, args: how } = undoes.question;
  const digest = digestOf({ ...root, gate: name, revision, action: did, args: how, undo: { action, args } });
  if (step['digest'] !== digest) return not('was approved with another undo');
  const [under] = facts
    .slice(0, at)
    .flatMap((one) => one['policy'] ?? [])
    .slice(-1);
  if (under === undefined || canonical(under) !== canonical(approval.policy))
    return not('was approved under another policy');
  const { begun, receipt } = await effect(effectKey(root, name, digest));
  // Another worker gives no receipt that we could ask for; that it was handed the step on people's word is on record here.
  const dispatched = runsElsewhere(did) && begun?.workflowId === undoes.record.workflowId;
  return receipt === digest || dispatched ? undefined : not('was not executed');
}
