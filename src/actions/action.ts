/**
 * The shape of an action: a named thing that can be executed. An action says what its arguments are, how risky it is,
 * what it would do (preview), how the offline agent may recognise it in words, and where it runs.
 */
import type { z } from 'zod';
import type { Json } from '../domain/json';
import type { Proposal } from '../domain/proposal';

export type Risk = 'low' | 'medium' | 'high';

/** What an effect is told about the approval that allowed it. */
export interface RunContext {
  /**
   * Idempotency key, 64 hex characters: the same for every attempt and every reset of one approved revision, another
   * for every other. Store it in the same transaction as the effect, or pass it on as the target's idempotency key.
   */
  readonly key: string;
  readonly workflowId: string;
  /** Digest of the revision that was approved, 64 hex characters. */
  readonly digest: string;
  /** Aborted when the workflow is cancelled or the attempt's time is up. */
  readonly signal: AbortSignal;
}

/** What `recognise` returns: the arguments, and what the agent would say about them. */
export type Recognised<Args> = { readonly args: Args } & Partial<
  Pick<Proposal, 'title' | 'rationale' | 'evidence' | 'confidence' | 'sensitive'>
>;

interface Described<Input extends z.ZodType> {
  /** 1–200 printable ASCII characters; what a proposal names. */
  readonly name: string;
  /** The arguments. Objects are made strict: a key that is not named here is refused, never dropped. */
  readonly input: Input;
  readonly risk: Risk;
  /**
   * Shows what would happen, without it happening. It runs before anybody has approved: it must leave no trace.
   * Anything it throws is shown as "no preview", and does not stop the proposal.
   */
  readonly preview?: (args: z.output<Input>, context: { readonly signal: AbortSignal }) => Promise<Json>;
  /**
   * At VERIFY: verb and target, such as `DELETE orders-eu`, in printable ASCII. A policy's own phrase goes before it.
   * @default the action's name and the beginning of the digest
   */
  readonly phrase?: (args: z.output<Input>) => string | undefined;
  /** Whether agents are told of it: not where nothing is configured that it could reach. @default true */
  readonly offered?: boolean;
  /** For the offline agent: the arguments, where the words ask for this action; otherwise undefined. */
  readonly recognise?: (text: string) => Recognised<z.input<Input>> | undefined;
}

/** An action that runs in Countersign's own worker. */
export interface LocalAction<Input extends z.ZodType = z.ZodType> extends Described<Input> {
  /**
   * The effect. It may be called again with the same key, after a crash or an error: make it keyed. What it returns
   * becomes the outcome's `result`. A `PermanentError` ends it at once; any other error is tried again.
   */
  readonly run: (args: z.output<Input>, context: RunContext) => Promise<Json | undefined>;
  /**
   * How often it may be tried, also by its arguments. 1 for a target that cannot deduplicate.
   * @default no limit, for a day
   */
  readonly attempts?: number | ((args: z.output<Input>) => number | undefined);
  /** How long one attempt may take, an `ms` string. @default "1 minute" */
  readonly timeout?: string;
  /**
   * It takes well under a second and is keyed: the worker runs it at once, without a task of its own, which saves the
   * server's round trips. It runs again if the worker dies in that moment. Not with `attempts`.
   */
  readonly short?: true;
}

/** An activity on another task queue, in any language. */
export interface Dispatch {
  readonly taskQueue: string;
  readonly activity: string;
  readonly input: Json;
  /** How long one attempt may take, an `ms` string. */
  readonly timeout: string;
}

/** An action that another worker executes. */
export interface RemoteAction<Input extends z.ZodType = z.ZodType> extends Described<Input> {
  readonly dispatch: (args: z.output<Input>) => Dispatch;
}

/** An action without effect: its approval is the outcome. */
export interface EffectFreeAction<Input extends z.ZodType = z.ZodType> extends Described<Input> {
  readonly effect: 'none';
}

export type Action = LocalAction | RemoteAction | EffectFreeAction;

/** Types `args` of preview, recognise and run from the zod input; returns the action as it is. */
export function defineAction<Input extends z.ZodType>(action: LocalAction<Input>): LocalAction {
  // Sound: the registry calls the functions only with what `input` has parsed.
  return action;
}

/** Thrown by `run` where trying again cannot help: bad arguments, a refused operation. */
export class PermanentError extends Error {
  override readonly name = 'PermanentError';
}

/** Thrown by `run` where the target says when to come back: it is not tried again before. */
export class RetryAfter extends Error {
  override readonly name = 'RetryAfter';
  /** From now on; at most an hour. */
  readonly milliseconds: number;

  constructor(message: string, milliseconds: number) {
    super(message);
    this.milliseconds = Math.min(Math.max(0, milliseconds), LONGEST_PAUSE);
  }
}

const LONGEST_PAUSE = 60 * 60 * 1_000;
