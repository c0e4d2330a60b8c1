/**
 * What a use case refuses, as data: a code for programs and a sentence for people. The table says for each code how every door
 * answers with it, so that no two doors disagree.
 */
import { NamespaceNotFoundError } from '@temporalio/common';
import { CountersignError } from '../client';
import { GRPC } from '../client/errors';
import { ConfigError } from '../config';
import { UnreachableError } from '../connection';
import type { RefusalCode } from '../domain/gate/refusals';

/** Exit codes of a command line. */
export const EXIT = { done: 0, refused: 1, usage: 2, unreachable: 3 } as const;

export interface ErrorRow {
  /** Of a command that ends with it. */
  readonly exit: (typeof EXIT)[keyof typeof EXIT];
  /** Of an HTTP response. */
  readonly status: number;
  /** Whether the same request, sent again later, may come off without anybody having changed it. */
  readonly retryable: boolean;
}

const row = (exit: keyof typeof EXIT, status: number, retryable = false): ErrorRow => ({
  exit: EXIT[exit],
  status,
  retryable,
});

/** A refusal that stands in no row of its own: a no of the gate, which a new decision may get past, and a repeat of this one may not. */
const REFUSED = row('refused', 409);

const ROWS = {
  INVALID_INPUT: row('usage', 400),
  MALFORMED_DECISION: row('usage', 400),
  UNKNOWN_TYPE: row('usage', 400),
  UNAUTHENTICATED: row('usage', 403),
  NOT_FOUND: row('refused', 404),
  WRONG_TYPE: row('refused', 409),
  ALREADY_STARTED: row('refused', 409),
  ALREADY_CLOSED: row('refused', 409),
  STILL_OPEN: row('refused', 409, true),
  WORKFLOW_FAILED: row('refused', 409),
  NOTHING_DECIDED: row('refused', 409),
  /** What is shown does not hash to the digest that stands beside it. */
  DIGEST_MISMATCH: row('refused', 409),
  ROOT_OTHERWISE: row('refused', 409),
  DEPLOYMENT_OTHERWISE: row('refused', 409),
  AUDIT_BROKEN: row('refused', 409),
  AUDIT_MISMATCH: row('refused', 409),
  NOT_SET_UP: row('refused', 500),
  CONFIG: row('usage', 500),
  NO_NAMESPACE: row('usage', 500),
  NO_WORKER: row('unreachable', 503, true),
  WORKFLOW_STUCK: row('unreachable', 503, true),
  UNREACHABLE: row('unreachable', 503, true),
  /** What nobody has foreseen. */
  ERROR: row('refused', 500),
} as const satisfies Readonly<Record<CountersignError['code'], ErrorRow>> &
  Readonly<Record<string, ErrorRow>>;

export type AppErrorCode = keyof typeof ROWS | RefusalCode;

export class AppError extends Error implements ErrorRow {
  override readonly name = 'AppError';
  constructor(
    readonly code: AppErrorCode,
    message: string,
  ) {
    super(message);
  }

  get exit(): ErrorRow['exit'] {
    return rowOf(this.code).exit;
  }

  get status(): number {
    return rowOf(this.code).status;
  }

  get retryable(): boolean {
    return rowOf(this.code).retryable;
  }
}

/** How every door answers with this code. */
export function rowOf(code: AppErrorCode): ErrorRow {
  return Object.hasOwn(ROWS, code) ? ROWS[code as keyof typeof ROWS] : REFUSED;
}

/** Whatever a use case, or what it stands on, has thrown. */
export function appErrorOf(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (error instanceof CountersignError) return new AppError(error.code, error.message);
  if (error instanceof ConfigError) return new AppError('CONFIG', error.message);
  if (error instanceof UnreachableError) return new AppError('UNREACHABLE', error.message);
  if (error instanceof NamespaceNotFoundError)
    return new AppError(
      'NO_NAMESPACE',
      `there is no namespace ${error.namespace} at this server; name another with --namespace or TEMPORAL_NAMESPACE, ` +
        '`temporal operator namespace list` lists them',
    );
  if (isUnavailable(error)) return new AppError('UNREACHABLE', (error as Error).message);
  return new AppError('ERROR', error instanceof Error ? error.message : String(error));
}

/** As the server's client throws it, or wraps it. */
function isUnavailable(error: unknown): boolean {
  const inner = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return (inner as { code?: unknown } | null)?.code === GRPC.unavailable;
}
