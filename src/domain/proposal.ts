/** What is asked of people. `action` and `args` are what will run; everything else is the agent's claim about them. */
import { z } from 'zod';
import type { Json, JsonObject } from './json';

/** Ids and names: 1–200 printable ASCII characters, without a space at either end. */
export const Id = z
  .string()
  .regex(/^[\x21-\x7e](?:[\x20-\x7e]{0,198}[\x21-\x7e])?$/, 'must be 1–200 printable ASCII characters');

export function isId(value: unknown): value is string {
  return z.safeParse(Id, value).success;
}

export const Evidence = z.strictObject({
  label: z.string().min(1).max(200),
  value: z.string().max(20_000),
  href: z.string().max(2_000).optional(),
});

/** Any JSON. The guard has been over it before any schema sees it, so it is not walked again. */
export const JsonValue = z.unknown() as unknown as z.ZodType<Json>;
export const JsonArgs = z.record(z.string(), z.unknown()) as unknown as z.ZodType<JsonObject>;

export const Proposal = z.strictObject({
  action: Id,
  args: JsonArgs,
  title: z.string().min(1).max(1_000),
  rationale: z.string().max(20_000),
  evidence: z.array(Evidence).max(100).optional(),
  /** The agent's own estimate, 0–1; advice, never authority. */
  confidence: z.number().min(0).max(1),
  sensitive: z.boolean(),
});
export type Proposal = z.infer<typeof Proposal>;
