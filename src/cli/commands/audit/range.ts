/** A span of time: the chains that have an entry in it, each whole, since a part of a chain proves nothing. */
import { AppError } from '../../../app/errors';
import { InvalidArgumentError } from '@commander-js/extra-typings';
import type { AuditRecord } from '../../../store/audit-store';

export interface Range {
  /** Milliseconds since 1970; it belongs to it. */
  readonly from?: number | undefined;
  /** It does not belong to it. */
  readonly to?: number | undefined;
}

/** An option's value: a date or an instant. */
export function instant(text: string): number {
  const iso = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/.test(text);
  const value = iso ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(value)) return value;
  throw new InvalidArgumentError(
    'Give a date (UTC) or an instant, such as 2026-03-01 or 2026-03-01T09:00:00Z.',
  );
}

/** @throws Failure where no instant is in it */
export function inOrder({ from, to }: Range): Range {
  if (from !== undefined && to !== undefined && from >= to)
    throw new AppError('INVALID_INPUT', '--from must be before --to: no entry can be in that time');
  return { from, to };
}

export function within(rows: readonly AuditRecord[], { from = -Infinity, to = Infinity }: Range): boolean {
  if (from === -Infinity && to === Infinity) return true;
  return rows.some(({ meta }) => {
    const at = Date.parse(meta.at);
    // What does not tell its time any more is never left out.
    return Number.isNaN(at) || (at >= from && at < to);
  });
}
