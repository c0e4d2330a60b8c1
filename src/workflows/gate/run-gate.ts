/** The one story behind every workflow type: it is proposed, people are asked, it is executed, and all of it recorded. */
import type { CancellationScope } from '@temporalio/workflow';
import { openGate } from '../../domain/gate';
import type { Result } from '../../domain/packet';
import type { PlanView } from '../../domain/plan-view';
import { now } from '../runtime/replay-clock';
import { waitForCapacity } from './admission-queue';
import { conclude, nextRunOfGate, shielded } from './conclusion';
import type { GateContext } from './context';
import { execute } from './execute';
import type { GateRuntime } from './gate-runtime';
import type { Asking, QuestionSource, Unasked } from './question';
import { callerOrAgent } from './question-source';
import { waitForPeople } from './wait-for-people';
import { earlierRun, nextGate, type Continued } from './workflow-gates';

/** What differs between the workflow types. */
export interface Story {
  readonly requester: string;
  /** The gate's name. */
  readonly gate: string;
  readonly context: GateContext;
  readonly source: QuestionSource;
  /** Of a step: the plan that it is one of. */
  readonly plan?: PlanView | undefined;
  /** Undefined in a workflow of one's own, which sees to its runs itself. */
  readonly continued?: Continued | undefined;
}

/** What a caller or an agent proposes, in the words of the argument. */
export function storyOf(asking: Asking, gate: string, continued?: Continued): Story {
  const { policy, confirmation, requester } = asking.start;
  const { otherwise } = asking;
  const context = { policy, confirmation, ...(otherwise === undefined ? {} : { otherwise }) };
  return { requester, gate, context, source: callerOrAgent(asking), continued };
}

/** How a story ended, and the gate that it was about. */
export interface GateEnd {
  readonly result: Result;
  readonly runtime: GateRuntime;
}

/**
 * @throws ApplicationFailure GATE_NAME_TAKEN, GATE_OPEN: a workflow has one gate at a time, each by its own name; RUN_REPEATED,
 * NOT_CONTINUED_BY_US
 */
export async function runGate(story: Story): Promise<GateEnd> {
  const { requester, gate: name, context, source, plan, continued } = story;
  const earlier = earlierRun(continued);
  const runtime = nextGate({ name, requester, context, plan }, earlier && (await earlier));
  const result = await shielded(runtime, async (cancellable) => {
    const unasked = runtime.gate() === undefined ? await open(runtime, source, cancellable) : undefined;
    if (unasked !== undefined) return closeUnopened(runtime, unasked);
    const decided = await waitForPeople(runtime, {
      again: (sentBack) => source.again(runtime, sentBack),
      cancellable,
      nextRun: nextRunOfGate(runtime, continued?.argument),
    });
    const done = decided.status === 'approved' ? await execute(runtime, decided, cancellable) : {};
    return conclude(runtime, done.result);
  });
  return { result, runtime };
}

/** @returns why there is nothing to ask people; undefined once the gate has opened */
async function open(
  runtime: GateRuntime,
  source: QuestionSource,
  cancellable: CancellationScope,
): Promise<Unasked | undefined> {
  const question = await source.first(runtime, cancellable);
  if ('failed' in question) return question;
  const ready = await waitForCapacity(runtime, question, cancellable);
  if ('failed' in ready) return ready;
  runtime.move(openGate(ready, now()));
  return undefined;
}

function closeUnopened(runtime: GateRuntime, { failed, reason, escalations }: Unasked): Promise<Result> {
  runtime.closeUnopened(failed, reason, escalations);
  return conclude(runtime);
}
