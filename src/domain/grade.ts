/**
 * How surely the sender of a decision is known. `open`: the name is believed. `vouched`: a front door has authenticated the
 * person. `signed`: the person's own key has signed the decision.
 */
import { z } from 'zod';

/** From the weakest on. */
export const GRADES = ['open', 'vouched', 'signed'] as const;
export const Grade = z.enum(GRADES);
export type Grade = z.infer<typeof Grade>;

export function isAtLeast(grade: Grade, least: Grade): boolean {
  return GRADES.indexOf(grade) >= GRADES.indexOf(least);
}

export function higher(one: Grade, other: Grade): Grade {
  return isAtLeast(one, other) ? one : other;
}
