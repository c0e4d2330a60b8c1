/**
 * The workflow's interceptors where the worker exports traces; otherwise they are not in its bundle. Each passes on what it was given
 * in the same moment: one that awaited would change in which order things happen, and histories recorded without it would not replay.
 */
import {
  ApplicationFailure,
  ContinueAsNew,
  isCancellation,
  type WorkflowInterceptors,
} from '@temporalio/workflow';
import { begin, copied, end, from } from './tracing';

const OUTCOMES = ['executed', 'approved', 'rejected', 'answered', 'expired', 'cancelled', 'failed'];
/** Not what follows from a decision. */
const BESIDE = ['propose', 'notify'];

export const interceptors = (): WorkflowInterceptors => ({
  inbound: [
    {
      execute(input, next) {
        begin(input.headers);
        const running = next(input);
        running.then(
          (result) => {
            end(outcomeOf(result));
          },
          (error: unknown) => {
            end({}, error instanceof ContinueAsNew ? undefined : codeOf(error));
          },
        );
        return running;
      },
      handleSignal: (input, next) => from(input.headers, () => next(input)),
      handleUpdate: (input, next) => from(input.headers, () => next(input)),
    },
  ],
  outbound: [
    {
      scheduleActivity: (input, next) =>
        next({ ...input, headers: copied(input.headers, !BESIDE.includes(input.activityType)) }),
      scheduleLocalActivity: (input, next) =>
        next({ ...input, headers: copied(input.headers, input.activityType === 'recordAndExecute') }),
      startChildWorkflowExecution: (input, next) => next({ ...input, headers: copied(input.headers) }),
      continueAsNew: (input, next) => next({ ...input, headers: copied(input.headers) }),
    },
  ],
});

function outcomeOf(result: unknown): Record<string, string> {
  const outcome = (result as { outcome?: unknown } | null | undefined)?.outcome;
  return typeof outcome === 'string' && OUTCOMES.includes(outcome) ? { 'countersign.outcome': outcome } : {};
}

function codeOf(error: unknown): string {
  if (isCancellation(error)) return 'cancelled';
  const own = error instanceof ApplicationFailure ? error.type : undefined;
  const code = own ?? (error instanceof Error ? error.name : 'Error');
  return /^[\w.-]{1,100}$/.test(code) ? code : 'Error';
}
