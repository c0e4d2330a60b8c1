/** Where a decision belongs. A signature is bound to it, so that it counts nowhere else: not at another level, gate, run or deployment. */
import type { Root } from '../digest';

export interface Where {
  /** Countersign as it is set up in one place; another one may have a workflow of the same ids. */
  readonly deployment: string;
  readonly root: Root;
  readonly gate: string;
  /** Whose turn it is there. */
  readonly level: string;
}

/** A decision there, without what is signed over it. */
export function placed({ deployment, root, gate, level }: Where, decision: object) {
  const { workflowId, firstRunId } = root;
  const { signature: _s, vouch: _v, ...said } = decision as { signature?: unknown; vouch?: unknown };
  return { deployment, root: { workflowId, firstRunId }, gate, level, decision: said };
}
