/** The workflows that levels are asked in, as the server knows them: when each began and ended, and what it brought back. */
import type { WorkflowExecutionInfo, WorkflowExecutionStatusName } from '@temporalio/client';
import { ANSWER, type AgentAnswer } from '../domain/climb';
import type { Json } from '../domain/json';
import type { Result } from '../domain/packet';
import { quoted } from '../visibility';
import { CountersignError } from './errors';
import type { Server } from './server';

/** One level that was asked; asked again, such as after a revision, it is there again. */
export interface LevelSeen {
  readonly name: string;
  readonly kind: 'agent' | 'people';
  /** Where it was asked: its own workflow, or the gate's, which asks its first level itself. */
  readonly workflowId: string;
  readonly runId: string;
  readonly status: WorkflowExecutionStatusName;
  /** ISO 8601 UTC. */
  readonly started: string;
  readonly closed?: string;
  /** Of people how it was decided there; of an agent `answered` or `failed`. */
  readonly outcome?: string;
  readonly reason?: string;
  /** Of an agent: its level and its own name. */
  readonly by?: string;
  /** Of an agent, 0–1. */
  readonly confidence?: number;
  /** The agent says that the matter is. */
  readonly sensitive?: true;
  /** In words or data; absent where the agent proposed an action, or had nothing. */
  readonly answer?: Json;
  /** What the agent proposed, other than an answer. */
  readonly action?: string;
  /** The level that was asked next, and why. */
  readonly to?: string;
  readonly why?: string;
  /** When. ISO 8601 UTC. */
  readonly at?: string;
}

/** One execution, of which only so much is asked. */
type Run = Pick<WorkflowExecutionInfo, 'workflowId' | 'runId' | 'status' | 'startTime' | 'closeTime'>;

/** Each time the level was asked, oldest first; none where it was not. */
export async function asksOf(
  server: Server,
  name: string,
  kind: LevelSeen['kind'],
  workflowId: string,
): Promise<LevelSeen[]> {
  const newest = await server.describe(workflowId).catch((error: unknown) => {
    if (error instanceof CountersignError && error.code === 'NOT_FOUND') return undefined;
    throw error;
  });
  if (newest === undefined) return [];
  const asks = joined([...(await earlier(server, newest)), newest]);
  return Promise.all(asks.map((ask) => seen(server, name, kind, ask)));
}

/** Of visibility, which lags behind: only what ended before the newest one began. */
async function earlier({ client }: Server, newest: Run): Promise<Run[]> {
  const query = `WorkflowId = ${quoted(newest.workflowId)}`;
  const runs: Run[] = [];
  for await (const run of client.workflow.list({ query })) if (run.runId !== newest.runId) runs.push(run);
  return runs.sort((one, other) => one.startTime.getTime() - other.startTime.getTime());
}

/** A run that went on in a new one is one ask with it. */
function joined(runs: readonly Run[]): Run[] {
  const asks: Run[] = [];
  for (const run of runs) {
    const before = asks.at(-1);
    const goesOn = before?.status.name === 'CONTINUED_AS_NEW';
    if (goesOn) asks.splice(-1, 1, { ...run, startTime: before.startTime });
    else asks.push(run);
  }
  return asks;
}

async function seen(
  server: Server,
  name: string,
  kind: LevelSeen['kind'],
  { workflowId, runId, status, startTime, closeTime }: Run,
): Promise<LevelSeen> {
  const result = status.name === 'COMPLETED' ? await server.result(workflowId, undefined, runId) : undefined;
  return {
    name,
    kind,
    workflowId,
    runId,
    status: status.name,
    started: startTime.toISOString(),
    ...(closeTime === undefined ? {} : { closed: closeTime.toISOString() }),
    ...(result === undefined
      ? {}
      : kind === 'agent'
        ? answered(result as AgentAnswer)
        : decided(result as Result)),
  };
}

function answered({ by, confidence, output, error, sensitive, proposal }: AgentAnswer): Partial<LevelSeen> {
  if (error !== null) return { by, confidence, outcome: 'failed', reason: error };
  const said = { by, confidence, outcome: 'answered', ...(sensitive ? { sensitive: true as const } : {}) };
  const action = proposal?.action ?? ANSWER;
  return { ...said, ...(action === ANSWER ? { answer: output } : { action }) };
}

function decided({ outcome, reason }: Result): Partial<LevelSeen> {
  return { outcome, ...(reason === undefined ? {} : { reason }) };
}
