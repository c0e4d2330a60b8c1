/** Where a workflow's own result says that its chain of entries ended. */
import { WorkflowNotFoundError, type WorkflowExecutionDescription } from '@temporalio/client';
import type { Root } from '../domain/digest';
import type { AuditHead } from '../domain/packet';
import type { Server } from './server';

/**
 * `open`: it has not ended. `silent`: it ended without saying, as a terminated one does. `gone`: the server does not know it,
 * because its retention is over, or because there never was one.
 */
export type ChainEnd =
  ({ readonly status: 'told' } & AuditHead) | { readonly status: 'open' | 'silent' | 'gone' };

export async function chainEnd(server: Server, { workflowId, firstRunId }: Root): Promise<ChainEnd> {
  try {
    const run = await lastRun(server, workflowId, firstRunId);
    const status = run.status.name;
    if (status === 'RUNNING') return { status: 'open' };
    if (status !== 'COMPLETED' && status !== 'CONTINUED_AS_NEW') return { status: 'silent' };
    const result: unknown = await server.handle(workflowId, run.runId).result();
    const { entries, head } = (result as { audit?: Partial<AuditHead> } | null | undefined)?.audit ?? {};
    return typeof entries === 'number' && typeof head === 'string'
      ? { status: 'told', entries, head }
      : { status: 'silent' };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return { status: 'gone' };
    throw error;
  }
}

/** The newest run of the chain of runs: a reset makes another one. Where the id was used again since, as far as it is known. */
async function lastRun(
  server: Server,
  workflowId: string,
  firstRunId: string,
): Promise<WorkflowExecutionDescription> {
  const newest = await server.handle(workflowId).describe();
  if (newest.raw.workflowExecutionInfo?.firstRunId === firstRunId) return newest;
  return server.handle(workflowId, firstRunId).describe();
}
