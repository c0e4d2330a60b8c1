/** A new deadline as people write it. */
import { Duration, milliseconds } from '../../domain/duration';

/** How it may be written. */
export const DEADLINE_FORMS = 'an instant such as 2030-05-01T09:00Z or a duration from now such as "2 hours"';

const INSTANT = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/i;

/** ISO 8601 UTC; undefined where it is written in neither form. @param now milliseconds since 1970 */
export function deadlineIn(written: string, now: number): string | undefined {
  const text = written.trim();
  const instant = INSTANT.test(text) ? Date.parse(text.replace(' ', 'T')) : Number.NaN;
  if (!Number.isNaN(instant)) return new Date(instant).toISOString();
  // A bare number would be milliseconds, which nobody means.
  if (!/[a-z]/i.test(text) || !Duration.safeParse(text).success) return undefined;
  return new Date(now + milliseconds(text)).toISOString();
}
