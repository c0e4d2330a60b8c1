/** What an agent is told beside its task, where it is not the first to be asked: plain data that workflows hand to the activity. */
import type { Json } from './json';
import type { Proposal } from './proposal';

/** What an agent at a lower level of the ladder tried, and why that was not enough. */
export interface Tried {
  readonly level: string;
  /** Absent where it had none. */
  readonly proposal?: Proposal;
  readonly failure?: { readonly code: string; readonly message: string };
  /** In the words of the result's `escalations`, such as `confidence 0.41 < 0.7`. */
  readonly why: string;
}

/** The plan that a task is one step of. */
export interface PlanContext {
  /** The name of the step that is to be proposed. */
  readonly step: string;
  /** What the steps before it did, in their order. */
  readonly steps: readonly {
    readonly name: string;
    readonly task?: string;
    readonly outcome?: string;
    readonly result?: Json;
    readonly reason?: string;
  }[];
}
