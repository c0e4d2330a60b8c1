/** How it is said that a field of one policy is looser than the same field of another. */
import { milliseconds } from './duration';

type Value = string | number | boolean | undefined;

/** `none`: nothing is said, or it is without a bound. */
export const shown = (value: Value): string =>
  value === undefined || value === Infinity ? 'none' : String(value);

/** The first ten of them. */
export function list(values: readonly string[]): string {
  const first = values.slice(0, 10).join(', ');
  return values.length > 10 ? `${first} and ${String(values.length - 10)} more` : first || 'nobody';
}

export const unless = (holds: boolean, field: string, given: Value, ruled: Value): string[] =>
  holds ? [] : [`${field}: ${shown(given)} is looser than what the rules say, ${shown(ruled)}`];

/** `ranks`: from the loosest on. */
export const atLeast = (ranks: readonly Value[], field: string, given: Value, ruled: Value) =>
  unless(ranks.indexOf(given) >= ranks.indexOf(ruled), field, given, ruled);

/** In milliseconds; what is not said is without a bound. */
export const span = (duration: string | undefined) =>
  duration === undefined ? Infinity : milliseconds(duration);
