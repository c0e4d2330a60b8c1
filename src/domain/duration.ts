/** Durations on the wire are `ms` strings ("4 hours"); inside they are milliseconds. */
import ms from 'ms';
import { z } from 'zod';

const LONGEST = ms('10 years');

/** A positive `ms` string of at most ten years: "90s", "4 hours", "7 days". */
export const Duration = z
  .string()
  .max(100)
  .refine(
    (text) => {
      const value = milliseconds(text);
      return Number.isFinite(value) && value >= 1 && value <= LONGEST;
    },
    { error: 'must be a duration such as "30s", "4 hours" or "7 days", at most 10 years' },
  );

export function milliseconds(duration: string): number {
  if (duration === '') return Number.NaN; // ms throws on it, and a schema may not
  const value: unknown = ms(duration as ms.StringValue); // undefined for what it does not understand
  return typeof value === 'number' ? value : Number.NaN;
}
