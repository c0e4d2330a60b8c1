/** All that a workflow knows of one of its gates while it runs, in one place. Only `gate-runtime.ts` and `gate-mailbox.ts` change it. */
import type { Root } from '../../domain/digest';
import type { Gate } from '../../domain/gate';
import type { Packet, Result } from '../../domain/packet';
import type { PlanView } from '../../domain/plan-view';
import type { Answers } from '../../domain/gate/receipts';
import type { Carried, GateContext } from './context';
import type { HeldDecision } from './held-decisions';

/** What a gate is opened as; it never changes. */
export interface GateIdentity {
  readonly root: Root;
  readonly name: string;
  readonly requester: string;
  /** Of a step: the plan that it is one of. */
  readonly plan?: PlanView | undefined;
}

export interface RuntimeState extends GateIdentity {
  /** Undefined until there is a question to people. */
  gate: Gate | undefined;
  /** Receipts that were given before there was a gate, which takes them over. */
  early: Answers;
  context: GateContext;
  /** Decisions that cannot be judged yet, in the order they came. */
  held: HeldDecision[];
  /** Before a gate opens: the child workflow that is asked, such as an agent's level. */
  child: Pick<Packet, 'level' | 'waitingOn'> | undefined;
  /** Why the record is not stored, so that nothing executes. */
  unstored: string | undefined;
  /** Why the gate has to wait for a place among the open ones. */
  queued: string | undefined;
  /** How the workflow ended, where no gate opened. */
  unopened: Pick<Packet, 'outcome' | 'reason' | 'escalations'> | undefined;
  /** It is approved, and its search attribute does not say so yet. */
  unannounced: boolean;
  /** How the workflow ended, once all of it is stored. */
  result: Result | undefined;
}

/** @param carried what the run before this one left */
export function runtimeState(
  identity: GateIdentity,
  context: GateContext,
  carried: Carried | undefined,
): RuntimeState {
  return {
    ...identity,
    gate: carried?.gate,
    early: { gate: identity.name, revision: 0, answered: [], refusals: 0 },
    context: carried?.setting ?? context,
    held: [],
    child: undefined,
    unstored: undefined,
    queued: undefined,
    unopened: undefined,
    unannounced: false,
    result: undefined,
  };
}
