/** What callers give: the wire objects without what the client fills in, and decisions made whole. */
import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { parseDecision, type Decision } from '../domain/gate/decision';
import type { EscalationStart } from '../domain/escalation-start';
import type { PlanStart, PlanStep, PlanUndo } from '../domain/plan-start';
import type { Policy } from '../domain/policy';
import type { Confirm, Start } from '../domain/start';
import { CountersignError } from './errors';

/** A policy, or the name of one in the file that the worker's COUNTERSIGN_POLICY names. */
export type PolicyInput = z.input<typeof Policy> | string;
/** What a proposal is started with; `v` is filled in. */
export type ProposeInput = Omit<Start, 'v' | 'policy' | 'confirmation'> & { readonly policy?: PolicyInput };
/** As `ProposeInput`; a proposal that is given has the action `answer`, whose output is what people review. */
export type GenerateInput = ProposeInput;
/** One question to people; `v` is filled in, and a policy's confirmation is `level`. */
export type ConfirmInput = Omit<z.input<typeof Confirm>, 'v' | 'policy'> & {
  readonly policy?: Partial<Exclude<PolicyInput, string>> | string;
};
/** Steps that are approved and executed one after the other; `v` is filled in. */
export type PlanInput = Omit<z.input<typeof PlanStart>, 'v' | 'policy' | 'steps'> & {
  readonly policy?: PolicyInput;
  readonly steps: readonly PlanStepInput[];
};
/** One step; its undo is shown and signed with it. */
export type PlanStepInput = Omit<z.input<typeof PlanStep>, 'policy' | 'undo'> & {
  readonly policy?: PolicyInput;
  readonly undo?: Omit<z.input<typeof PlanUndo>, 'policy'> & { readonly policy?: PolicyInput };
};
/** A task, and the agents and people that are asked in turn until one is sure enough; `v` is filled in. */
export type LadderInput = Omit<z.input<typeof EscalationStart>, 'v'>;
/** A decision as a caller makes it: `v` and, where it is left out, a new random `id` are filled in. */
export type DecideInput = Omit<Decision, 'v' | 'id'> & { readonly id?: string };

/** A key that is undefined is a key that is not there, as it will be on the wire. */
export function versioned(input: object): object {
  return { v: 1, ...Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)) };
}

/** @throws CountersignError MALFORMED_DECISION */
export function wellFormed(decision: DecideInput): Decision {
  const parsed = parseDecision({ v: 1, id: randomUUID(), ...decision });
  if (parsed.ok) return parsed.decision;
  throw new CountersignError('MALFORMED_DECISION', parsed.problem);
}
