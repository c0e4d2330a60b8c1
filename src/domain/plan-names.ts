/** The names that a plan gives: of a step's workflow and its gate, and of those that take it back. */
import type { Root } from './digest';

/** The gate that takes a step back. */
export function undoGate(step: string): string {
  return `undo/${step}`;
}

/** The workflow that a step's gate, or its undo's, lives in. */
export function stepWorkflow({ workflowId }: Pick<Root, 'workflowId'>, gate: string): string {
  return `${workflowId}/${gate}`;
}
