/** What a person does to confirm, and how risky an action is: each in order, so that one can be compared with a bound. */
import { z } from 'zod';

/** From the least on. */
export const CONFIRMATIONS = ['INFO', 'CONFIRM', 'VERIFY'] as const;
export const ConfirmationLevel = z.enum(CONFIRMATIONS);
export type ConfirmationLevel = z.infer<typeof ConfirmationLevel>;

export const Risk = z.enum(['low', 'medium', 'high']);
export type Risk = z.infer<typeof Risk>;

/** What the grade of a decision depends on beside its sender. */
export interface Occasion {
  readonly confirmation: ConfirmationLevel;
  readonly risk: Risk;
}

export function isWithin(confirmation: ConfirmationLevel, most: ConfirmationLevel): boolean {
  return CONFIRMATIONS.indexOf(confirmation) <= CONFIRMATIONS.indexOf(most);
}
