/**
 * The typed client: start a proposal, find what waits, read it, decide on it, and see how it ended. Services use it,
 * and so does the CLI; nothing else talks to the workflows.
 */
import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import {
  isGrpcServiceError,
  QueryNotRegisteredError,
  QueryRejectedError,
  ServiceError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  type WorkflowExecutionInfo,
  type WorkflowExecutionStatusName,
} from '@temporalio/client';
import type { UpdateDefinition } from '@temporalio/common';
import type { z } from 'zod';
import { parseDecision, type Decision, type Receipt } from './domain/decision';
import { parseEscalation } from './domain/escalation-start';
import { parsePlan } from './domain/plan-start';
import {
  parseConfirm,
  parseGenerate,
  parseStart,
  type Confirm,
  type Parsed,
  type ParsedStart,
  type Start,
} from './domain/start';
import type { Packet, Result } from './domain/packet';
import type { Policy } from './domain/policy';
import { visibleLine } from './domain/visible';
import {
  admitQuery,
  decideForOutcomeUpdate,
  decideSignal,
  decideUpdate,
  gateQuery,
  receiptQuery,
  type Concluded,
} from './workflows/messages';

export type { Concluded, Decision, Receipt, Packet, Result };

/** A policy, or the name of one in the file that the worker's COUNTERSIGN_POLICY names. */
export type PolicyInput = z.input<typeof Policy> | string;
/** What a proposal is started with; `v` is filled in. */
export type ProposeInput = Omit<Start, 'v' | 'policy' | 'confirmation'> & { readonly policy?: PolicyInput };
/** One question to people; `v` is filled in, and a policy's confirmation is `level`. */
export type ConfirmInput = Omit<z.input<typeof Confirm>, 'v' | 'policy'> & {
  readonly policy?: Partial<Exclude<PolicyInput, string>> | string;
};
/** How `confirm` ended. */
export type Confirmed = Result & { readonly confirmed: boolean };
/** A decision as a caller makes it: `v` and, where it is left out, a new random `id` are filled in. */
export type DecideInput = Omit<Decision, 'v' | 'id'> & { readonly id?: string };

/** One line of the inbox. */
export interface InboxItem {
  readonly workflowId: string;
  readonly runId: string;
  readonly startedAt: string;
  readonly dueAt?: string;
  readonly risk?: string;
  readonly approvers: readonly string[];
}

/** A refusal to even try: `code` for programs, the message for people. */
export class CountersignError extends Error {
  override readonly name = 'CountersignError';
  constructor(
    readonly code:
      | 'INVALID_INPUT'
      | 'MALFORMED_DECISION'
      | 'NOT_FOUND'
      | 'ALREADY_STARTED'
      | 'ALREADY_CLOSED'
      | 'NO_WORKER'
      | 'WORKFLOW_STUCK'
      | 'NOT_SET_UP'
      | 'WORKFLOW_FAILED',
    message: string,
  ) {
    super(message);
  }
}

export interface CountersignOptions {
  readonly client: Client;
  /** @default "countersign" */
  readonly taskQueue?: string;
  /** How long a query may wait for a worker, in milliseconds. @default 5000 */
  readonly answerWithin?: number;
  /**
   * Hands a workflow's first task to the worker in the same answer that starts it. Only where client and worker are one
   * process on one `NativeConnection`; the server falls back to the ordinary way where it cannot. @default false
   */
  readonly eagerStart?: boolean;
}

export class Countersign {
  readonly #client: Client;
  readonly #taskQueue: string;
  readonly #answerWithin: number;
  readonly #eagerStart: boolean;

  constructor({
    client,
    taskQueue = 'countersign',
    answerWithin = 5_000,
    eagerStart = false,
  }: CountersignOptions) {
    this.#eagerStart = eagerStart;
    this.#client = client;
    this.#taskQueue = taskQueue;
    this.#answerWithin = answerWithin;
  }

  /** Starts `proposeAndExecute`: `start` with `v` filled in. @throws as `start` */
  async propose(
    input: ProposeInput,
    workflowId = `proposal-${randomUUID()}`,
  ): Promise<{ workflowId: string; runId: string }> {
    return this.start('proposeAndExecute', versioned(input), workflowId);
  }

  /**
   * Starts `confirm`, which asks people one question and executes nothing: the result has `confirmed` (`Confirmed`).
   * @throws as `start`
   */
  async confirm(
    input: ConfirmInput,
    workflowId = `confirm-${randomUUID()}`,
  ): Promise<{ workflowId: string; runId: string }> {
    return this.start('confirm', versioned(input), workflowId);
  }

  /**
   * Starts a workflow type on our task queue with the wire object as it stands; an argument of our own types is checked
   * before it is sent. With a workflow id of one's own a second start of it is refused, not doubled.
   * @throws CountersignError INVALID_INPUT naming each key, ALREADY_STARTED
   */
  async start(
    type: string,
    argument: unknown,
    workflowId = `${type}-${randomUUID()}`,
  ): Promise<{ workflowId: string; runId: string }> {
    const instead = Object.hasOwn(INNER, type) ? INNER[type] : undefined;
    if (instead !== undefined) throw new CountersignError('INVALID_INPUT', instead);
    const summary = Object.hasOwn(SUMMARIES, type) ? SUMMARIES[type]?.(argument) : undefined;
    try {
      const handle = await this.#client.workflow.start(type, {
        taskQueue: this.#taskQueue,
        workflowId,
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        args: [argument],
        ...(this.#eagerStart ? { requestEagerStart: true } : {}),
        ...(summary === undefined ? {} : { staticSummary: visibleLine(summary).slice(0, 100) }),
      });
      return { workflowId, runId: handle.firstExecutionRunId };
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError)
        throw new CountersignError(
          'ALREADY_STARTED',
          `the workflow id ${workflowId} is taken; choose another, or show that one`,
        );
      throw error;
    }
  }

  /** What waits on people, oldest first: for one reviewer, or all. Asks the server's visibility, no workflow. */
  async *list({ reviewer }: { readonly reviewer?: string | undefined } = {}): AsyncGenerator<InboxItem> {
    const whose =
      reviewer === undefined
        ? ''
        : ` AND (CountersignApprovers = ${quoted(reviewer)} OR CountersignApprovers = '*')`;
    const query = `CountersignState = 'open' AND ExecutionStatus = 'Running'${whose}`;
    for await (const found of this.#found(query)) {
      const attributes = found.typedSearchAttributes
        .getAll()
        .map(({ key, value }) => [key.name, value] as const);
      const of = (name: string) => attributes.find(([key]) => key === name)?.[1];
      const due = of('CountersignDueAt');
      const risk = of('CountersignRisk');
      const approvers = of('CountersignApprovers');
      yield {
        workflowId: found.workflowId,
        runId: found.runId,
        startedAt: found.startTime.toISOString(),
        ...(due instanceof Date ? { dueAt: due.toISOString() } : {}),
        ...(typeof risk === 'string' ? { risk } : {}),
        approvers: Array.isArray(approvers) ? approvers.map(String) : [],
      };
    }
  }

  async *#found(query: string): AsyncGenerator<WorkflowExecutionInfo> {
    try {
      yield* this.#client.workflow.list({ query });
    } catch (error) {
      const { code, message } = grpcOf(error);
      if (code === GRPC.invalidArgument && message.includes('Countersign'))
        throw new CountersignError(
          'NOT_SET_UP',
          'this namespace lacks the search attributes of the inbox; `countersign setup` registers them',
        );
      throw error;
    }
  }

  /**
   * The reviewer's whole packet, open or closed. A worker answers it.
   * @throws CountersignError NOT_FOUND, NO_WORKER
   */
  show(workflowId: string): Promise<Packet> {
    return this.#ask(workflowId, () => this.#handle(workflowId).query(gateQuery));
  }

  /** The receipt of one decision id; `unknown` where none has been given. @throws as `show` */
  receipt(workflowId: string, id: string): Promise<Receipt> {
    return this.#ask(workflowId, () => this.#handle(workflowId).query(receiptQuery, id));
  }

  /** The receipt the decision would get now; nothing is sent. @throws as `show`, and MALFORMED_DECISION */
  async dryRun(workflowId: string, decision: DecideInput): Promise<Receipt> {
    const whole = wellFormed(decision);
    return this.#ask(workflowId, () => this.#handle(workflowId).query(admitQuery, whole));
  }

  /**
   * Sends the decision as a signal: durable from the moment this resolves, whether or not a worker runs. Its id is in
   * the answer; ask `receipt` what became of it.
   * @throws CountersignError MALFORMED_DECISION, NOT_FOUND, ALREADY_CLOSED
   */
  async send(workflowId: string, decision: DecideInput): Promise<Decision> {
    const whole = wellFormed(decision);
    for (const until = Date.now() + ROOM_WITHIN; ;)
      try {
        await this.#handle(workflowId).signal(decideSignal, whole);
        return whole;
      } catch (error) {
        // A flood has used this run's signals up; the workflow goes on in another one in a moment.
        const full = grpcOf(error).message.includes(NO_ROOM);
        if (!full || Date.now() > until) throw await this.#explained(workflowId, error);
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
  }

  /**
   * Decides and waits for the answer, as an update: needs a worker.
   * @throws CountersignError MALFORMED_DECISION, NOT_FOUND, ALREADY_CLOSED
   */
  decide(workflowId: string, decision: DecideInput): Promise<Receipt> {
    return this.#update(workflowId, decideUpdate, decision);
  }

  /**
   * Decides and, where that brings the gate to its end, waits for how it ended: `result` is there then. The quickest way
   * for a service that waits anyway. A decision that leaves the gate open, or is refused, is answered at once.
   * @throws as `decide`
   */
  decideForOutcome(workflowId: string, decision: DecideInput): Promise<Concluded> {
    return this.#update(workflowId, decideForOutcomeUpdate, decision);
  }

  async #update<T>(
    workflowId: string,
    update: UpdateDefinition<T, [unknown]>,
    decision: DecideInput,
  ): Promise<T> {
    const whole = wellFormed(decision);
    try {
      return await this.#handle(workflowId).executeUpdate(update, { args: [whole] });
    } catch (error) {
      if (error instanceof WorkflowUpdateFailedError)
        throw new CountersignError('MALFORMED_DECISION', error.cause?.message ?? error.message);
      throw await this.#explained(workflowId, error);
    }
  }

  /**
   * The receipt of a decision that was sent, once it is neither unknown nor pending; undefined where no worker has
   * given it within `timeout` milliseconds: the decision is delivered then, and not yet confirmed.
   */
  async confirmed(workflowId: string, id: string, timeout: number): Promise<Receipt | undefined> {
    const until = Date.now() + timeout;
    for (let wait = 20; Date.now() < until; wait = Math.min(wait * 2, 500)) {
      try {
        const receipt = await this.receipt(workflowId, id);
        if (receipt.status === 'admitted' || receipt.status === 'refused') return receipt;
      } catch (error) {
        if (!(error instanceof CountersignError) || !NOT_YET.includes(error.code)) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
    return undefined;
  }

  /**
   * How it ended: waits for the end.
   * @throws CountersignError NOT_FOUND; WORKFLOW_FAILED where it ended without an outcome (terminated, invalid input)
   */
  async result(workflowId: string): Promise<Result> {
    try {
      return (await this.#handle(workflowId).result()) as Result;
    } catch (error) {
      if (error instanceof WorkflowFailedError)
        throw new CountersignError('WORKFLOW_FAILED', error.cause?.message ?? error.message);
      throw await this.#explained(workflowId, error);
    }
  }

  /** The workflow's own state, without a worker. @throws CountersignError NOT_FOUND */
  async status(
    workflowId: string,
  ): Promise<{ status: WorkflowExecutionStatusName; firstRunId: string; trouble?: string }> {
    try {
      const described = await this.#handle(workflowId).describe();
      const [activity] = described.raw.pendingActivities ?? [];
      const last = activity?.lastFailure?.message;
      const trouble =
        last == null
          ? undefined
          : `attempt ${String(activity?.attempt ?? 0)} of ${activity?.activityType?.name ?? ''}: ${last}`;
      const firstRunId = described.raw.workflowExecutionInfo?.firstRunId ?? described.runId;
      return {
        status: described.status.name,
        firstRunId: firstRunId || described.runId,
        ...(trouble === undefined ? {} : { trouble }),
      };
    } catch (error) {
      throw await this.#explained(workflowId, error);
    }
  }

  #handle(workflowId: string) {
    return this.#client.workflow.getHandle(workflowId);
  }

  async #ask<T>(workflowId: string, query: () => Promise<T>): Promise<T> {
    try {
      return await this.#client.withDeadline(Date.now() + this.#answerWithin, query);
    } catch (error) {
      throw await this.#explained(workflowId, error);
    }
  }

  async #explained(workflowId: string, error: unknown): Promise<unknown> {
    if (error instanceof WorkflowNotFoundError) {
      const { status, outcome } = await this.#end(workflowId);
      // Running by now: it has been started in between.
      if (status === undefined || status === 'RUNNING')
        return new CountersignError(
          'NOT_FOUND',
          `there is no workflow ${workflowId} here; see \`countersign inbox\``,
        );
      return new CountersignError(
        'ALREADY_CLOSED',
        `already closed: outcome ${outcome ?? status.toLowerCase()}`,
      );
    }
    if (error instanceof QueryNotRegisteredError || error instanceof QueryRejectedError)
      return new CountersignError('NOT_FOUND', `the workflow ${workflowId} has no gate`);
    const { code, message } = grpcOf(error);
    if (code === GRPC.failedPrecondition && /failed state/i.test(message))
      return new CountersignError(
        'WORKFLOW_STUCK',
        `a worker runs, but the workflow task of ${workflowId} fails again and again; ` +
          `\`temporal workflow describe -w ${workflowId}\` says why`,
      );
    // Cancelled by our own deadline; or no worker has polled of late.
    if (code === GRPC.deadlineExceeded || code === GRPC.cancelled || code === GRPC.failedPrecondition)
      return new CountersignError(
        'NO_WORKER',
        'no worker answers; start one with `countersign worker` (or `countersign dev`)',
      );
    return error;
  }

  async #end(workflowId: string): Promise<{ status?: string; outcome?: string }> {
    try {
      const status = (await this.#handle(workflowId).describe()).status.name;
      if (status !== 'COMPLETED') return { status };
      const { outcome } = (await this.#handle(workflowId).result()) as Result;
      return { status, outcome };
    } catch {
      return {};
    }
  }
}

/** Our workflow types: how the argument of each is checked, and what it is about in a line. */
const SUMMARIES: Readonly<Record<string, (argument: unknown) => string>> = {
  proposeAndExecute: (argument) => summaryOf(parseStart(argument)),
  generateAndReview: (argument) => summaryOf(parseGenerate(argument)),
  multiStepApproval: (argument) => {
    const { steps } = fitting(parsePlan(argument));
    return `${String(steps.length)} steps: ${steps.map(({ name }) => name).join(', ')}`;
  },
  escalation: (argument) => fitting(parseEscalation(argument)).task.split('\n')[0] ?? '',
  confirm: (argument) => summaryOf(parseConfirm(argument)),
};

/** Ours as well, but only others of ours start them; and what is to be started instead. */
const INNER: Readonly<Record<string, string>> = {
  reviewLevel:
    'a level is asked by the gate that owns it; start proposeAndExecute with a policy that has the level',
  reviewStep: 'a step is asked by the plan that it is of; start multiStepApproval',
  askAgent: 'an agent level is asked by the ladder that it is of; start escalation',
};

function fitting<T>(parsed: Parsed<T>): T {
  if (parsed.ok) return parsed.start;
  throw new CountersignError('INVALID_INPUT', parsed.problem);
}

function summaryOf(parsed: ParsedStart): string {
  const { task, proposal } = fitting(parsed);
  return proposal?.title ?? task.split('\n')[0] ?? '';
}

/** A key that is undefined is a key that is not there, as it will be on the wire. */
function versioned(input: object): object {
  return { v: 1, ...Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)) };
}

/** The workflow types of Countersign's own that can be started. */
export const WORKFLOW_TYPES: readonly string[] = Object.keys(SUMMARIES);
/** Those that cannot: the client says why. */
export const INNER_TYPES: readonly string[] = Object.keys(INNER);

/** The codes of gRPC that mean something here. */
const GRPC = { cancelled: 1, invalidArgument: 3, deadlineExceeded: 4, failedPrecondition: 9 } as const;

function grpcOf(error: unknown): { readonly code?: number; readonly message: string } {
  const inner = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(inner) ? { code: inner.code, message: inner.message } : { message: '' };
}

/** What the server says where a run has taken as many signals as it takes; and milliseconds to wait for the next run. */
const NO_ROOM = 'limit for signal events';
const ROOM_WITHIN = 10_000;

/** What was sent is there, and waits for a worker that can read it. */
const NOT_YET: readonly CountersignError['code'][] = ['NO_WORKER', 'WORKFLOW_STUCK'];

function wellFormed(decision: DecideInput): Decision {
  const parsed = parseDecision({ v: 1, id: randomUUID(), ...decision });
  if (parsed.ok) return parsed.decision;
  throw new CountersignError('MALFORMED_DECISION', parsed.problem);
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
