/** The Temporal server as the client asks it; what it answers in its own words is explained in ours. */
import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import {
  QueryNotRegisteredError,
  QueryRejectedError,
  WorkflowFailedError,
  WorkflowNotFoundError,
} from '@temporalio/client';
import { decodeArrayFromPayloads } from '@temporalio/common/lib/internal-non-workflow';
import type { Result } from '../domain/packet';
import { temporalOn } from '../domain/paste';
import { howFailed } from './failed';
import { CountersignError, GRPC, grpcOf } from './errors';

export class Server {
  constructor(
    readonly client: Client,
    /** Milliseconds. */
    private readonly answerWithin: number,
  ) {}

  /** @throws CountersignError INVALID_INPUT where it is blank, which no workflow's is */
  handle(workflowId: string, runId?: string) {
    if (workflowId.trim() === '')
      throw new CountersignError(
        'INVALID_INPUT',
        'the workflow id is blank; `countersign inbox` lists what waits',
      );
    return this.client.workflow.getHandle(workflowId, runId);
  }

  /** Asks a worker, and no longer than it may take. @throws CountersignError NOT_FOUND, NO_WORKER, WORKFLOW_STUCK */
  async ask<T>(workflowId: string, query: () => Promise<T>): Promise<T> {
    try {
      return await this.client.withDeadline(Date.now() + this.answerWithin, query);
    } catch (error) {
      throw await this.explained(workflowId, error);
    }
  }

  /** @throws CountersignError NOT_FOUND */
  async describe(workflowId: string, runId?: string): Promise<WorkflowExecutionDescription> {
    try {
      return await this.handle(workflowId, runId).describe();
    } catch (error) {
      throw await this.explained(workflowId, error);
    }
  }

  /**
   * @param within milliseconds; for as long as it takes where it is left out
   * @throws CountersignError NOT_FOUND, STILL_OPEN, WORKFLOW_FAILED
   */
  async result(workflowId: string, within?: number, runId?: string): Promise<unknown> {
    const ended = () => this.handle(workflowId, runId).result();
    try {
      return within === undefined
        ? await ended()
        : await this.client.withDeadline(Date.now() + within, ended);
    } catch (error) {
      if (error instanceof WorkflowFailedError)
        throw new CountersignError('WORKFLOW_FAILED', howFailed(workflowId, error));
      if (within !== undefined && grpcOf(error).code === GRPC.deadlineExceeded)
        throw new CountersignError(
          'STILL_OPEN',
          `${workflowId} has not ended within ${String(within / 1_000)} s`,
        );
      throw await this.explained(workflowId, error);
    }
  }

  /** What the newest run of it was started with: its own argument, whoever answers or does not. */
  async argument(workflowId: string): Promise<unknown> {
    const { workflowService, options } = this.client;
    const { namespace, loadedDataConverter } = options;
    try {
      const { history } = await workflowService.getWorkflowExecutionHistory({
        namespace,
        execution: { workflowId },
        maximumPageSize: 1,
      });
      const input = history?.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads;
      return (await decodeArrayFromPayloads(loadedDataConverter, input))[0];
    } catch (error) {
      throw await this.explained(workflowId, error);
    }
  }

  /** When the newest run of it had its last event, by the server's clock for that workflow; milliseconds since 1970. */
  async lastEventAt(workflowId: string): Promise<number> {
    const { workflowService, options } = this.client;
    try {
      const { history } = await workflowService.getWorkflowExecutionHistoryReverse({
        namespace: options.namespace,
        execution: { workflowId },
        maximumPageSize: 1,
      });
      const [last] = history?.events ?? [];
      // The event that skips time was itself before it.
      const skipped = last?.workflowExecutionTimeSkippingTransitionedEventAttributes?.targetTime;
      const { seconds, nanos } = skipped ?? last?.eventTime ?? {};
      return Number(seconds ?? 0) * 1_000 + Math.floor((nanos ?? 0) / 1e6);
    } catch (error) {
      throw await this.explained(workflowId, error);
    }
  }

  /** An error of Temporal's as one of ours; any other as it is. */
  async explained(workflowId: string, error: unknown): Promise<unknown> {
    if (error instanceof WorkflowNotFoundError) return this.#gone(workflowId);
    if (error instanceof QueryNotRegisteredError || error instanceof QueryRejectedError)
      return new CountersignError('NOT_FOUND', `the workflow ${workflowId} has no gate`);
    const { code, message } = grpcOf(error);
    if (code === GRPC.failedPrecondition && /failed state/i.test(message))
      return new CountersignError(
        'WORKFLOW_STUCK',
        `a worker runs, but the workflow task of ${workflowId} fails again and again; ` +
          `\`${temporalOn('describe', workflowId)}\` says why`,
      );
    // Cancelled by our own deadline; or no worker has polled of late.
    if (code === GRPC.deadlineExceeded || code === GRPC.cancelled || code === GRPC.failedPrecondition)
      return new CountersignError(
        'NO_WORKER',
        'no worker answers; start one with `countersign worker` (or `countersign dev`)',
      );
    return error;
  }

  async #gone(workflowId: string): Promise<CountersignError> {
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

  async #end(workflowId: string): Promise<{ status?: string; outcome?: string }> {
    try {
      const status = (await this.handle(workflowId).describe()).status.name;
      if (status !== 'COMPLETED') return { status };
      const { outcome } = (await this.handle(workflowId).result()) as Result;
      return { status, outcome };
    } catch {
      return {};
    }
  }
}
