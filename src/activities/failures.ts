/** Errors as Temporal takes them: which are worth another attempt and when, and none too long to get there. */
import { ApplicationFailure, cancellationSignal } from '@temporalio/activity';
import type { ApplicationFailureOptions } from '@temporalio/common';
import type { RetryAfter } from '../actions/action';
import { cut } from '../domain/cut';
import { messageOf } from '../domain/message';
import { TryLater } from '../providers/try-later';

/** The same at every attempt. By name, for a module of one's own may bring classes of its own. */
const PERMANENT = ['PermanentError', 'TypeError', 'ReferenceError', 'SyntaxError', 'RangeError', 'ZodError'];

/** Units of what an error says. What is longer than the server takes is never heard of, and looks as if the worker had died. */
const MESSAGE = 4_000;
const STACK = 8_000;

/** A programming error or a `PermanentError` is the same at every attempt; anything else may pass. */
export function failure(error: unknown): unknown {
  const name = nameOf(error);
  if (PERMANENT.includes(name)) return applicationFailure(error, name, { nonRetryable: true });
  const pause = name === 'RetryAfter' ? (error as Partial<RetryAfter>).milliseconds : undefined;
  return pause === undefined ? bounded(error) : applicationFailure(error, name, { nextRetryDelay: pause });
}

/** A provider that says when to come back is not called before. */
export function later(error: unknown): unknown {
  if (!(error instanceof TryLater) || error.milliseconds === undefined) return error;
  return applicationFailure(error, error.name, { nextRetryDelay: error.milliseconds });
}

/** Worth another attempt, as it stands; one that says more than is taken says its beginning. */
export function bounded(error: unknown): unknown {
  // That it was cancelled the SDK tells by the error itself; what is ours is short.
  const asItIs = cancellationSignal().aborted || error instanceof ApplicationFailure;
  return asItIs ? error : applicationFailure(error, nameOf(error), {});
}

export function isFinal(error: unknown): boolean {
  return error instanceof ApplicationFailure && error.nonRetryable === true;
}

const nameOf = (error: unknown) => (error instanceof Error ? error.name : 'Error');

type How = Pick<ApplicationFailureOptions, 'nonRetryable' | 'nextRetryDelay'>;

function applicationFailure(error: unknown, type: string, how: How): ApplicationFailure {
  const failed = ApplicationFailure.create({ ...how, type, message: cut(messageOf(error), MESSAGE) });
  if (error instanceof Error && error.stack !== undefined) failed.stack = cut(error.stack, STACK);
  return failed;
}
