/** The class that services use: each method is one thing that a caller wants of a workflow with a gate. */
import { randomUUID } from 'node:crypto';
import {
  WorkflowExecutionAlreadyStartedError,
  type Client,
  type WorkflowExecutionStatusName,
} from '@temporalio/client';
import type { Decision, Receipt } from '../domain/gate/decision';
import type { Feedback, FeedbackReceipt, FeedbackResult } from '../domain/feedback';
import type { Packet } from '../domain/packet';
import { visibleLine } from '../domain/visible';
import { WORKFLOW } from '../domain/workflow-types';
import {
  admitQuery,
  decideForOutcomeUpdate,
  decideUpdate,
  gateQuery,
  receiptQuery,
  type Concluded,
} from '../workflows/messages';
import { cutOff, packetAtEnd, type PacketAtEnd } from './cut-off';
import { sent, settled, updated } from './deciding';
import { CountersignError } from './errors';
import { chainEnd, type ChainEnd } from './ends';
import { escalationsOf, type Escalations } from './escalations';
import {
  feedbackAdmitted,
  feedbackSoFar,
  given,
  judgedIn,
  collectionOf,
  wholeFeedback,
  type CollectInput,
  type FeedbackInput,
  type Judged,
  type JudgedBy,
} from './feedback';
import { inbox, type InboxItem, type Listed } from './inbox';
import {
  versioned,
  wellFormed,
  type ConfirmInput,
  type DecideInput,
  type GenerateInput,
  type LadderInput,
  type PlanInput,
  type ProposeInput,
} from './inputs';
import { notReconciled, reconciled, reconciledEvery, type Reconciled } from './reconciling';
import type { Result } from './results';
import { Server } from './server';
import { stepsOf, type PlanSteps } from './steps';
import { checkedSummary } from './start-summary';

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

export interface Started {
  readonly workflowId: string;
  readonly runId: string;
}

export class Countersign {
  readonly #server: Server;
  readonly #taskQueue: string;
  readonly #eagerStart: boolean;

  constructor({
    client,
    taskQueue = 'countersign',
    answerWithin = 5_000,
    eagerStart = false,
  }: CountersignOptions) {
    this.#server = new Server(client, answerWithin);
    this.#taskQueue = taskQueue;
    this.#eagerStart = eagerStart;
  }

  /** Starts `proposeAndExecute`: `start` with `v` filled in. @throws as `start` */
  async propose(input: ProposeInput, workflowId = `proposal-${randomUUID()}`): Promise<Started> {
    return this.start(WORKFLOW.proposeAndExecute, versioned(input), workflowId);
  }

  /**
   * Starts `confirm`, which asks people one question and executes nothing: the result has `confirmed` (`Confirmed`).
   * @throws as `start`
   */
  async confirm(input: ConfirmInput, workflowId = `confirm-${randomUUID()}`): Promise<Started> {
    return this.start(WORKFLOW.confirm, versioned(input), workflowId);
  }

  /**
   * Starts `generateAndReview`: an agent writes, people approve, edit or send it back, and what they approved is the
   * result, with who changed what (`ReviewedResult`).
   * @throws as `start`
   */
  async generate(input: GenerateInput, workflowId = `review-${randomUUID()}`): Promise<Started> {
    return this.start(WORKFLOW.generateAndReview, versioned(input), workflowId);
  }

  /**
   * Starts `multiStepApproval`: steps that are proposed, decided and executed one after the other (`PlanResult`; while it
   * runs, `steps`).
   * @throws as `start`
   */
  async plan(input: PlanInput, workflowId = `plan-${randomUUID()}`): Promise<Started> {
    return this.start(WORKFLOW.multiStepApproval, versioned(input), workflowId);
  }

  /**
   * Starts `escalation`: agents are asked in turn until one is sure enough, then people (`Result`; while it runs,
   * `escalations`). Named for the ladder that is climbed, since `escalate` and `respond` are verdicts on a gate that is open.
   * @throws as `start`
   */
  async ladder(input: LadderInput, workflowId = `ladder-${randomUUID()}`): Promise<Started> {
    return this.start(WORKFLOW.escalation, versioned(input), workflowId);
  }

  /**
   * Starts `collectFeedback`: people's feedback on a run, kept in our own store and sent on to wherever the worker sends it.
   * @throws as `start`
   */
  async collect(input: CollectInput, workflowId = collectionOf(input.runId)): Promise<Started> {
    return this.start(WORKFLOW.collectFeedback, versioned(input), workflowId);
  }

  /**
   * The run that is judged and where feedback on it is taken, by the id of a collection, of any other workflow, or the run's own.
   * @throws CountersignError NOT_FOUND, WRONG_TYPE
   */
  judged(id: string, by: JudgedBy = {}): Promise<Judged> {
    return judgedIn(this.#server, id, by);
  }

  /**
   * Gives feedback on a run: durable from the moment this resolves, whether or not a worker runs. Where no collection of the run
   * runs, one is started. Its id is in the answer; ask `feedbackAdmitted` what became of it.
   * @throws CountersignError INVALID_INPUT naming each key, NOT_FOUND, ALREADY_CLOSED
   */
  async feedback(
    judged: Judged,
    input: FeedbackInput,
    { window }: { readonly window?: string | undefined } = {},
  ): Promise<Feedback> {
    const feedback = wholeFeedback(input);
    await given(this.#server, this.#taskQueue, judged, feedback, window);
    return feedback;
  }

  /** The receipt of a feedback; undefined where no worker has given it within `timeout` milliseconds. */
  feedbackAdmitted(workflowId: string, id: string, timeout: number): Promise<FeedbackReceipt | undefined> {
    return feedbackAdmitted(this.#server, workflowId, id, timeout);
  }

  /** What a collection has so far, or had at its end. @throws as `show` */
  feedbackSoFar(workflowId: string): Promise<FeedbackResult> {
    return feedbackSoFar(this.#server, workflowId);
  }

  /**
   * Starts a workflow type on our task queue with the wire object as it stands; an argument of our own types is checked
   * before it is sent. With a workflow id of one's own a second start of it is refused, not doubled.
   * @throws CountersignError INVALID_INPUT naming each key, ALREADY_STARTED
   */
  async start(type: string, argument: unknown, workflowId = `${type}-${randomUUID()}`): Promise<Started> {
    if (workflowId.trim() === '') throw new CountersignError('INVALID_INPUT', 'the workflow id is blank');
    const summary = checkedSummary(type, argument);
    try {
      const handle = await this.#server.client.workflow.start(type, {
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

  /**
   * What waits on people, in the order of the server: for one reviewer, or all; all of them, or so many. Asks the server's visibility, no workflow.
   * @throws CountersignError NOT_SET_UP
   */
  list(which: Listed = {}): AsyncGenerator<InboxItem> {
    return inbox(this.#server, which);
  }

  /**
   * The reviewer's whole packet, open or closed. A worker answers it.
   * @throws CountersignError NOT_FOUND, NO_WORKER
   */
  show(workflowId: string): Promise<Packet> {
    return this.#server.ask(workflowId, () => this.#server.handle(workflowId).query(gateQuery));
  }

  /**
   * As `show`; where Temporal ended the workflow (terminated, timed out) and its gate did not, the packet is closed, offers nothing,
   * and has `closedBy`, with the reason where somebody gave one.
   * @throws as `show`
   */
  async showAtEnd(workflowId: string): Promise<PacketAtEnd> {
    const { status } = await this.status(workflowId);
    const packet = await this.show(workflowId);
    const cut = packet.status === 'closed' ? undefined : await cutOff(this.#server, { workflowId, status });
    return cut === undefined ? packet : packetAtEnd(packet, cut);
  }

  /**
   * A plan, by its own id or that of one of its steps: each step with its workflow, where it stands, and the gate that is open
   * now. Once it has ended by itself no worker is needed.
   * @throws CountersignError NOT_FOUND, WRONG_TYPE where it is no plan, NO_WORKER while it runs or where it was terminated
   */
  steps(workflowId: string): Promise<PlanSteps> {
    return stepsOf(this.#server, (id) => this.show(id), workflowId);
  }

  /**
   * Who was asked, level after level, agents and people, by the id of the gate or that of a level: when, what came of it, and
   * why it went on. Once it has ended no worker is needed.
   * @throws CountersignError NOT_FOUND, WRONG_TYPE where it is a plan, whose steps have levels of their own
   */
  escalations(workflowId: string): Promise<Escalations> {
    return escalationsOf(this.#server, (id) => this.show(id), workflowId);
  }

  /** Where a chain of the audit ended, as the workflow's own result says. The newest run counts. No worker is needed. */
  chainEnd(workflowId: string, firstRunId: string): Promise<ChainEnd> {
    return chainEnd(this.#server, { workflowId, firstRunId });
  }

  /** The receipt of one decision id; `unknown` where none has been given. @throws as `show` */
  receipt(workflowId: string, id: string): Promise<Receipt> {
    return this.#server.ask(workflowId, () => this.#server.handle(workflowId).query(receiptQuery, id));
  }

  /** The receipt the decision would get now; nothing is sent. @throws as `show`, and MALFORMED_DECISION */
  async dryRun(workflowId: string, decision: DecideInput): Promise<Receipt> {
    const whole = wellFormed(decision);
    return this.#server.ask(workflowId, () => this.#server.handle(workflowId).query(admitQuery, whole));
  }

  /**
   * Sends the decision as a signal: durable from the moment this resolves, whether or not a worker runs. Its id is in
   * the answer; ask `receipt` what became of it.
   * @throws CountersignError MALFORMED_DECISION, NOT_FOUND, ALREADY_CLOSED
   */
  send(workflowId: string, decision: DecideInput): Promise<Decision> {
    return sent(this.#server, workflowId, decision);
  }

  /**
   * Decides and waits for the answer, as an update: needs a worker.
   * @throws CountersignError MALFORMED_DECISION, NOT_FOUND, ALREADY_CLOSED
   */
  decide(workflowId: string, decision: DecideInput): Promise<Receipt> {
    return updated(this.#server, workflowId, decideUpdate, decision);
  }

  /**
   * Decides and, where that brings the gate to its end, waits for how it ended: `result` is there then. The quickest way
   * for a service that waits anyway. A decision that leaves the gate open, or is refused, is answered at once.
   * @throws as `decide`
   */
  decideForOutcome(workflowId: string, decision: DecideInput): Promise<Concluded> {
    return updated(this.#server, workflowId, decideForOutcomeUpdate, decision);
  }

  /**
   * The receipt of a decision that was sent, once it is neither unknown nor pending; undefined where no worker has
   * given it within `timeout` milliseconds: the decision is delivered then, and not yet confirmed.
   */
  confirmed(workflowId: string, id: string, timeout: number): Promise<Receipt | undefined> {
    return settled(() => this.receipt(workflowId, id), timeout);
  }

  /**
   * How it ended: waits for the end, or `within` so many milliseconds. `T` is what the type that was started ends with:
   * `Confirmed`, `ReviewedResult`, `PlanResult`.
   * @throws CountersignError NOT_FOUND; STILL_OPEN after `within`; WORKFLOW_FAILED where it ended without an outcome
   * (terminated, invalid input)
   */
  async result<T extends Result = Result>(
    workflowId: string,
    { within }: { readonly within?: number | undefined } = {},
  ): Promise<T> {
    return (await this.#server.result(workflowId, within)) as T;
  }

  /** The workflow's own state, without a worker. @throws CountersignError NOT_FOUND */
  async status(
    workflowId: string,
  ): Promise<{ status: WorkflowExecutionStatusName; firstRunId: string; trouble?: string }> {
    const described = await this.#server.describe(workflowId);
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
  }

  /**
   * When the workflow had its last event, by the server's clock for it, which a test may have moved on; milliseconds since 1970. No worker
   * is needed. @throws CountersignError NOT_FOUND
   */
  lastEventAt(workflowId: string): Promise<number> {
    return this.#server.lastEventAt(workflowId);
  }

  /** Compares what Temporal knows of closed workflows with the audit store, now. @throws CountersignError WORKFLOW_FAILED */
  reconcile(since?: string): Promise<Reconciled> {
    return reconciled(this.#server.client, this.#taskQueue, since);
  }

  /** The same from now on, every so many milliseconds, by a schedule in Temporal; answers its id. */
  reconcileEvery(milliseconds: number): Promise<string> {
    return reconciledEvery(this.#server.client, this.#taskQueue, milliseconds);
  }

  /** Ends that schedule; answers whether there was one. */
  stopReconciling(): Promise<boolean> {
    return notReconciled(this.#server.client, this.#taskQueue);
  }
}
