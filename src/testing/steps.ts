/** What a scripted reviewer does, one step after the other. */
import type { Duration } from '@temporalio/common';
import { msToNumber } from '@temporalio/common/lib/time';
import type { DecideInput } from '../client';

/** Waits so long. `TestWorkflowEnvironment.sleep` is one, where a test server skips time. */
export type Sleep = (duration: Duration) => Promise<unknown>;

export type Step =
  | { readonly does: 'decide'; readonly decision: Omit<DecideInput, 'digest' | 'reviewer'> }
  | { readonly does: 'defer'; readonly duration: Duration; readonly sleep: Sleep }
  | { readonly does: 'stay silent' };

type More = Omit<DecideInput, 'digest' | 'reviewer' | 'verdict'>;

function decide(verdict: DecideInput['verdict'], more: More = {}): Step {
  return { does: 'decide', decision: { verdict, ...more } };
}

const commented = (comment: string | undefined) => (comment === undefined ? {} : { comment });
const typed = (phrase: string | undefined) => (phrase === undefined ? {} : { phrase });

/** Signs the revision that is open; at VERIFY with the phrase, exactly as the gate shows it. */
export function approve(comment?: string, phrase?: string): Step {
  return decide('approve', { ...commented(comment), ...typed(phrase) });
}

/** Replaces the args whole: a new revision, signed by the editor; at VERIFY with the phrase of the one that is read. */
export function edit(args: Exclude<DecideInput['args'], undefined>, comment?: string, phrase?: string): Step {
  return decide('edit', { args, ...commented(comment), ...typed(phrase) });
}

export function reject(comment: string): Step {
  return decide('reject', { comment });
}

/** Answers in place of the action; nothing executes. */
export function respond(answer: Exclude<DecideInput['answer'], undefined>): Step {
  return decide('respond', { answer });
}

/** Sends the comment back to the agent, which proposes the next revision. The next step reads that one. */
export function revise(comment: string): Step {
  return decide('revise', { comment });
}

/**
 * Passes it to the next level, which is asked in a workflow of its own: `review('refund-1042/MANAGER')`. This script has
 * no more to say until that one has ended.
 */
export function escalate(comment: string): Step {
  return decide('escalate', { comment });
}

/** Adds a named person, who then acts on the reviewer's behalf; both count once together. */
export function delegate(to: string, comment?: string): Step {
  return decide('delegate', { to, ...commented(comment) });
}

/** Takes the reviewer's own signature, or rejection, back. */
export function withdraw(comment?: string): Step {
  return decide('withdraw', commented(comment));
}

/** Moves the deadline. @param until ISO 8601 UTC, or a date; within the policy's `maxExtension` */
export function extend(until: string | Date, comment?: string): Step {
  return decide('extend', {
    until: typeof until === 'string' ? until : until.toISOString(),
    ...commented(comment),
  });
}

/** Recorded; changes nothing. */
export function comment(text: string): Step {
  return decide('comment', { comment: text });
}

/**
 * Lets time pass before the next step.
 * @param duration an `ms` string such as "2 hours", or milliseconds
 * @param sleep where it passes; in real time if left out
 */
export function defer(duration: Duration, sleep: Sleep = inRealTime): Step {
  return { does: 'defer', duration, sleep };
}

/** Never answers: the script ends here. */
export function staySilent(): Step {
  return { does: 'stay silent' };
}

async function inRealTime(duration: Duration): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, msToNumber(duration)));
}
