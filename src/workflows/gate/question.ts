/** A gate's question before it is one: who is asked for it, what for, and what comes of that. */
import type { CancellationScope } from '@temporalio/workflow';
import type { PlanContext, Tried } from '../../domain/context';
import type { Asked, Escalation, ProposingGate, Reproposed, SetUp } from '../../domain/gate';
import type { Policy } from '../../domain/policy';
import type { Start } from '../../domain/start';
import type { GateRuntime } from './gate-runtime';

/** It ends before people are asked anything. */
export interface Unasked {
  readonly failed: 'failed' | 'cancelled' | 'expired';
  readonly reason: string;
  /** Of a ladder, what it had climbed. */
  readonly escalations?: readonly Escalation[];
}

export const CANCELLED = 'the workflow was cancelled';
export const CALLED_OFF: Unasked = { failed: 'cancelled', reason: CANCELLED };

export interface QuestionSource {
  /** The gate's first question. */
  readonly first: (runtime: GateRuntime, cancellable: CancellationScope) => Promise<Asked | Unasked>;
  /** The next one, where people sent it back. Never rejects. */
  readonly again: (runtime: GateRuntime, gate: ProposingGate) => Promise<Reproposed>;
}

/** Who is asked for it, what for, and what goes with the question. */
export interface Asking {
  readonly start: Pick<Start, 'task' | 'requester' | 'proposal' | 'policy' | 'confirmation' | 'callback'>;
  /** Where neither the caller nor a file of rules says who is asked. */
  readonly otherwise?: Policy | undefined;
  /** The agent's rung. @default AGENT */
  readonly agent?: { readonly name: string; readonly model?: string | undefined } | undefined;
  /** The agent writes an output, and nothing else: that is what people review. */
  readonly produce?: 'answer';
  readonly plan?: PlanContext | undefined;
  readonly tried?: readonly Tried[];
  readonly escalations?: readonly Escalation[];
  readonly root?: Asked['root'];
  readonly setUp?: SetUp | undefined;
}
