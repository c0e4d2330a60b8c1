/** What the client refuses, and what the server's own errors mean here: a code for programs, a sentence for people. */
import { isGrpcServiceError, ServiceError } from '@temporalio/client';

/** A refusal to even try: `code` for programs, the message for people. */
export class CountersignError extends Error {
  override readonly name = 'CountersignError';
  constructor(
    readonly code:
      | 'INVALID_INPUT'
      | 'MALFORMED_DECISION'
      | 'NOT_FOUND'
      | 'ALREADY_STARTED'
      | 'ALREADY_CLOSED'
      | 'STILL_OPEN'
      | 'WRONG_TYPE'
      | 'NO_WORKER'
      | 'WORKFLOW_STUCK'
      | 'NOT_SET_UP'
      | 'WORKFLOW_FAILED',
    message: string,
  ) {
    super(message);
  }
}

/** The codes of gRPC that mean something here. */
export const GRPC = {
  cancelled: 1,
  invalidArgument: 3,
  deadlineExceeded: 4,
  failedPrecondition: 9,
  unavailable: 14,
} as const;

export function grpcOf(error: unknown): { readonly code?: number; readonly message: string } {
  const inner = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(inner) ? { code: inner.code, message: inner.message } : { message: '' };
}

/** What was sent is there, and waits for a worker that can read it. */
export function isNotYet(error: unknown): boolean {
  return error instanceof CountersignError && (error.code === 'NO_WORKER' || error.code === 'WORKFLOW_STUCK');
}
