/**
 * What people are asked where an agent had nothing to propose: the task is not dropped, a person sees to it. The question
 * is a proposal like any other, effect-free, so that a decision on it names its digest; it is not there to be approved.
 */
import { cut } from '../cut';
import type { Asked, Failure } from './state';
import type { Policy } from '../policy';

/** Characters of the task that the question repeats; all of it is the workflow's input. */
const TASK_SHOWN = 20_000;

export function unproposed(
  task: string,
  failure: Failure,
  policy: Policy,
  by: string,
): Pick<Asked, 'proposal' | 'policy' | 'assessment' | 'by' | 'failure'> {
  const head = cut(task, TASK_SHOWN);
  const left = task.length - head.length;
  const shown = left > 0 ? `${head} … (${String(left)} more characters)` : task;
  const { code, message } = failure;
  const args = { question: 'What is to become of this task?', details: { task: shown, code, message } };
  const proposal = {
    action: 'confirm',
    args,
    title: 'The agent had nothing to propose',
    rationale: 'Answer in its place, send it back with what the agent should know, or reject it.',
    confidence: 0,
    sensitive: false,
  };
  return { proposal, policy, assessment: { args, risk: 'medium', runs: { in: 'nowhere' } }, by, failure };
}
