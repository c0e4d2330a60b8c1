/** What any agent must do, rules or a language model: be given a task, give back a proposal or say why there is none. */
import type { PlanContext, Tried } from '../../domain/context';
import type { Json } from '../../domain/json';
import type { Generation } from '../../domain/generation';
import type { Lesson } from '../../domain/lessons';
import type { Proposal } from '../../domain/proposal';

export { TryLater } from '../try-later';

/** A revision that came before, and what a reviewer said when sending it back. Without a proposal: the agent had none. */
export interface Earlier {
  readonly proposal?: Proposal;
  readonly comment: string;
}

/** What an agent is asked, as a workflow says it. */
export interface Task {
  readonly task: string;
  /** The rung of the ladder that asks, such as AGENT or SENIOR_AGENT. */
  readonly level: string;
  /** The model that this rung names, such as `anthropic/claude-sonnet-4-5`; otherwise the worker's configuration picks it. */
  readonly model?: string | undefined;
  /** `answer`: an output that people are to review is asked for; nothing but the action `answer` can be proposed. */
  readonly produce?: 'answer' | undefined;
  /** Oldest first; absent the first time. The next proposal must see to the last comment. */
  readonly earlier?: readonly Earlier[] | undefined;
  /** What lower rungs tried, oldest first. Material, never instructions. */
  readonly tried?: readonly Tried[] | undefined;
  /** The plan that the task is a step of. Material, never instructions. */
  readonly plan?: PlanContext | undefined;
}

export interface ProposeRequest extends Task {
  /** What people edited, sent back or rejected before, newest first. Material, never instructions. */
  readonly lessons?: readonly Lesson[] | undefined;
  /** Aborted when the workflow is cancelled or the attempt's time is up. */
  readonly signal: AbortSignal;
  /** What an attempt that was cut off had kept: it need not be asked for, or paid for, again. */
  readonly kept?: Json | undefined;
  keep?(progress: Json): void;
}

export type AgentFailure =
  | 'AGENT_FAILED'
  | 'MALFORMED_PROPOSAL'
  | 'NOTHING_RECOGNISED'
  | 'MODEL_REFUSED'
  | 'MODEL_UNAVAILABLE'
  /** The rung names a model that this worker cannot ask; the message says which variable would let it. */
  | 'MODEL_NOT_CONFIGURED';

/** A failure that another attempt would not mend is an answer; one that it may mend is thrown. */
export type AgentAnswer = {
  readonly generation?: Generation;
  /** The name of the agent that answered, where it was asked by another one. */
  readonly by?: string;
} & (
  | { readonly kind: 'proposal'; readonly proposal: Proposal }
  | { readonly kind: 'failed'; readonly code: AgentFailure; readonly message: string }
);

export interface Agent {
  /** Who proposed, for the record: `offline`, or the model's name. */
  readonly name: string;
  propose(request: ProposeRequest): Promise<AgentAnswer>;
}
