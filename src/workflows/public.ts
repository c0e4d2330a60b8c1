/** What a workflow of one's own imports from `countersign/workflows`: ask people, then go on. */
import type { z } from 'zod';
import type { Result } from '../domain/packet';
import type { Policy } from '../domain/policy';
import { isId, type Proposal } from '../domain/proposal';
import { parseStart } from '../domain/start';
import { runGate, storyOf } from './gate/run-gate';
import { confirm as confirming } from './types/confirm';
import { escalation as escalating } from './types/escalation';
import { generateAndReview as generating, type ReviewedResult } from './types/generate-and-review';
import { invalidInput, orInvalidInput } from './runtime/invalid-input';
import { multiStepApproval as stepping, type PlanResult } from './types/multi-step-approval';
import { proposeAndExecute as proposing } from './types/propose-and-execute';

/** The workflow type `proposeAndExecute`, to be run as a child. */
export const proposeAndExecute: (argument: unknown) => Promise<Result> = proposing;
/** The workflow type `confirm`, to be run as a child. */
export const confirm: (argument: unknown) => Promise<Result & { readonly confirmed: boolean }> = confirming;
/** The workflow type `generateAndReview`, to be run as a child. */
export const generateAndReview: (argument: unknown) => Promise<ReviewedResult> = generating;
/** The workflow type `multiStepApproval`, to be run as a child. */
export const multiStepApproval: (argument: unknown) => Promise<PlanResult> = stepping;
/** The workflow type `escalation`, to be run as a child. */
export const escalation: (argument: unknown) => Promise<Result> = escalating;
export type { PlanResult, ReviewedResult, Result, Proposal };

/** One question to people, asked from inside a workflow. */
export interface GatedInput {
  /** What shall run, with the agent's claim about it. The action must be registered with the worker. */
  readonly proposal: Proposal;
  /** Who asks; by default the requester may not decide. */
  readonly requester: string;
  /** Who decides, how long; or the name of a policy in the file of COUNTERSIGN_POLICY. @default one person, anybody but the requester, within 24 hours */
  readonly policy?: z.input<typeof Policy> | string;
  /** What it is about, for the record and for an agent that revises it. @default the proposal's title */
  readonly task?: string;
  /** The gate's name: each gate of a workflow has its own, over all of its runs. @default "main" */
  readonly gate?: string;
}

/**
 * Asks people about a proposal and waits, durably, for as long as its policy says. Once approved, an action with an effect is
 * executed under its key (outcome `executed`); an effect-free one, such as `confirm`, ends `approved` and the workflow acts
 * on it itself. Every other outcome (rejected, answered, expired, cancelled, failed) is returned, never thrown.
 *
 * Call it before other awaits where you can: decisions sent earlier wait for it. One gate at a time.
 * An earlier run's gate of the same name is outcome `failed`, RUN_REPEATED.
 * @throws ApplicationFailure INVALID_INPUT naming each key, GATE_NAME_TAKEN, GATE_OPEN; RUN_REPEATED by a cron schedule and in a retry
 */
export async function gated({ gate = 'main', task, policy, ...given }: GatedInput): Promise<Result> {
  if (!isId(gate)) throw invalidInput('gate: must be 1–200 printable ASCII characters');
  const start = {
    v: 1,
    task: task ?? given.proposal.title,
    ...given,
    ...(policy === undefined ? {} : { policy }),
  };
  return (await runGate(storyOf({ start: orInvalidInput(parseStart(start)) }, gate))).result;
}
