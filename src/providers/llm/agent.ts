/** What any agent must do, rules or a language model: be given a task, give back a proposal or say why there is none. */
import type { Proposal } from '../../domain/proposal';

export interface ProposeRequest {
  readonly task: string;
  /** The rung of the ladder that asks, such as AGENT or SENIOR_AGENT. */
  readonly level: string;
  /** Aborted when the workflow is cancelled or the attempt's time is up. */
  readonly signal: AbortSignal;
}

export type AgentFailure = 'AGENT_FAILED' | 'MALFORMED_PROPOSAL' | 'NOTHING_RECOGNISED';

/** A failure that another attempt would not mend is an answer; one that it may mend is thrown. */
export type AgentAnswer =
  | { readonly kind: 'proposal'; readonly proposal: Proposal }
  | { readonly kind: 'failed'; readonly code: AgentFailure; readonly message: string };

export interface Agent {
  /** Who proposed, for the record: `offline`, or the model's name. */
  readonly name: string;
  propose(request: ProposeRequest): Promise<AgentAnswer>;
}
