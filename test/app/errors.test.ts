/** Each code and how every door answers with it, and what becomes of an error that a use case stands on has thrown. */
import { NamespaceNotFoundError, ServiceError } from '@temporalio/client';
import { AppError, appErrorOf, rowOf, type AppErrorCode } from '../../src/app/errors';
import { CountersignError } from '../../src/client';
import { ConfigError } from '../../src/config';
import { UnreachableError } from '../../src/connection';

it.each<[AppErrorCode, exit: number, status: number, retryable: boolean]>([
  ['INVALID_INPUT', 2, 400, false],
  ['MALFORMED_DECISION', 2, 400, false],
  ['UNAUTHENTICATED', 2, 403, false],
  ['NOT_FOUND', 1, 404, false],
  ['ALREADY_CLOSED', 1, 409, false],
  ['STILL_OPEN', 1, 409, true],
  ['NOT_SET_UP', 1, 500, false],
  ['NO_NAMESPACE', 2, 500, false],
  ['NO_WORKER', 3, 503, true],
  ['WORKFLOW_STUCK', 3, 503, true],
  ['UNREACHABLE', 3, 503, true],
  ['ERROR', 1, 500, false],
  // Refusals of the gate that stand in no row.
  ['STALE_REVISION', 1, 409, false],
  ['ASK_CHILD', 1, 409, false],
])('%s: exit %i, status %i, retryable %s', (code, exit, status, retryable) => {
  expect(rowOf(code)).toEqual({ exit, status, retryable });
  expect(new AppError(code, 'no')).toMatchObject({ code, exit, status, retryable });
});

const unavailable = Object.assign(new Error('14 UNAVAILABLE: nobody'), { code: 14 });

it.each<{ thrown: unknown; code: AppErrorCode; message: string | RegExp }>([
  { thrown: new AppError('ID_REUSED', 'used'), code: 'ID_REUSED', message: 'used' },
  { thrown: new CountersignError('NO_WORKER', 'nobody'), code: 'NO_WORKER', message: 'nobody' },
  { thrown: new ConfigError('COUNTERSIGN_STORE is none'), code: 'CONFIG', message: /^COUNTERSIGN_STORE/ },
  { thrown: new UnreachableError('nowhere'), code: 'UNREACHABLE', message: 'nowhere' },
  { thrown: new NamespaceNotFoundError('eu'), code: 'NO_NAMESPACE', message: /^there is no namespace eu / },
  { thrown: unavailable, code: 'UNREACHABLE', message: '14 UNAVAILABLE: nobody' },
  {
    thrown: new ServiceError('Failed to list', { cause: unavailable }),
    code: 'UNREACHABLE',
    message: 'Failed to list',
  },
  { thrown: new Error('disk full'), code: 'ERROR', message: 'disk full' },
  { thrown: 'nothing', code: 'ERROR', message: 'nothing' },
  { thrown: undefined, code: 'ERROR', message: 'undefined' },
])('$thrown is $code', ({ thrown, code, message }) => {
  const error = appErrorOf(thrown);
  expect(error.code).toBe(code);
  expect(error.message).toMatch(message);
});
