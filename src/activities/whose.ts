/**
 * Whose approval an activity may act on. The server says which workflow schedules it; nobody else's workflow executes this one's
 * approvals, and nobody without a workflow does, whatever was sent.
 */
import { ApplicationFailure } from '@temporalio/activity';
import type { Root } from '../domain/digest';
import { stepWorkflow } from '../domain/plan-names';
import { WORKFLOW } from '../domain/workflow-types';
import { describe, describeSelf, type Described } from './server';
import type { Execution } from './types';

/**
 * The calling workflow, which is the root itself, a step that the root has started, or a level of either.
 * @throws ApplicationFailure NOT_ITS_WORKFLOW
 */
export async function itsWorkflow(execution: Partial<Execution> | undefined): Promise<Described> {
  const self = await describeSelf();
  const { root, gate, record = root } = execution ?? {};
  const its =
    root !== undefined && self.running && same(self.root, record) && (await belongs(self, root, gate ?? ''));
  if (its) return self;
  throw ApplicationFailure.nonRetryable(
    'an approval is executed by the workflow that it was given to alone',
    'NOT_ITS_WORKFLOW',
  );
}

function same(one: Root, other: Root | undefined): boolean {
  return one.workflowId === other?.workflowId && one.firstRunId === other.firstRunId;
}

/** A step and a level are named after whoever asks them, and are that workflow's children: an id may be used again by somebody else. */
async function belongs(run: Described, root: Root, gate: string): Promise<boolean> {
  if (same(run.root, root)) return true;
  if (run.parent === undefined) return false;
  if (run.workflowId === stepWorkflow(root, gate)) return same((await describe(run.parent)).root, root);
  if (run.type !== WORKFLOW.reviewLevel || !run.workflowId.startsWith(`${run.parent.workflowId}/`))
    return false;
  return belongs(await describe(run.parent), root, gate);
}
