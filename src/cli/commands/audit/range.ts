/** The flags --from and --to: a span of time. */
import type { Range } from '../../../app/audit/range';
import { AppError } from '../../../app/errors';
import { InvalidArgumentError } from '@commander-js/extra-typings';

/** An option's value: a date or an instant. */
export function instant(text: string): number {
  const iso = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/.test(text);
  const value = iso ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(value)) return value;
  throw new InvalidArgumentError(
    'Give a date (UTC) or an instant, such as 2026-03-01 or 2026-03-01T09:00:00Z.',
  );
}

/** @throws AppError where no instant is in it */
export function inOrder({ from, to }: Range): Range {
  if (from !== undefined && to !== undefined && from >= to)
    throw new AppError('INVALID_INPUT', '--from must be before --to: no entry can be in that time');
  return { from, to };
}
