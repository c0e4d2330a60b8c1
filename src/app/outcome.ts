/** How a workflow ended, or that it has not: of a gate, of a collection of feedback, or of whatever else somebody has started. */
import type { PlanResult, Result, ReviewedResult } from '../client';
import { FeedbackResult } from '../domain/feedback';
import { follow, type WaitingFor } from './follow';
import type { Ports } from './ports';

/** What has a gate ends in one way, whatever its type adds. */
export type GateResult = Result & Partial<Pick<PlanResult, 'steps'> & Pick<ReviewedResult, 'changes'>>;

export type Ended =
  | { readonly of: 'gate'; readonly value: GateResult }
  | { readonly of: 'feedback'; readonly value: FeedbackResult }
  | { readonly of: 'other'; readonly value: unknown };

/** `result` is what it ended with, as it stands. */
export type Outcome =
  { readonly status: 'open' } | { readonly status: 'ended'; readonly result: unknown; readonly ended: Ended };

export interface OutcomeInput {
  readonly workflowId: string;
  /** Stays until it has ended. @default false */
  readonly wait?: boolean;
  /** Milliseconds to wait at most. @default for as long as it takes */
  readonly within?: number | undefined;
  /** Called once, where it has to be waited for; what it gives is told for whom or what, at every look. @default nobody is told */
  readonly waits?: () => ((waits: WaitingFor) => void) | undefined;
}

/** @throws CountersignError STILL_OPEN after `within`; NOT_FOUND; WORKFLOW_FAILED where it ended without a result */
export async function outcome(
  ports: Pick<Ports, 'gates'>,
  { workflowId, wait = false, within, waits }: OutcomeInput,
): Promise<Outcome> {
  const { gates } = ports;
  const running = (await gates.status(workflowId)).status === 'RUNNING';
  if (running && !wait) return { status: 'open' };
  const end = (): Promise<unknown> => gates.result(workflowId, { within });
  const progress = running ? waits?.() : undefined;
  const result = progress !== undefined ? await follow(ports, { workflowId, end }, progress) : await end();
  return { status: 'ended', result, ended: endedOf(result) };
}

function endedOf(result: unknown): Ended {
  if (isOfGate(result)) return { of: 'gate', value: result };
  const collected = FeedbackResult.safeParse(result);
  return collected.success ? { of: 'feedback', value: collected.data } : { of: 'other', value: result };
}

function isOfGate(result: unknown): result is GateResult {
  const { outcome: how, decisions, escalations, audit } = (result ?? {}) as Partial<GateResult>;
  return (
    typeof how === 'string' &&
    Array.isArray(decisions) &&
    Array.isArray(escalations) &&
    typeof audit?.head === 'string'
  );
}

export interface AtLevel {
  readonly level: string;
  readonly decisions: Result['decisions'];
  /** Why it was passed up from there. */
  readonly escalations: Result['escalations'];
}

/** What was decided at each level, in the order in which they were asked; also of a level that nobody decided at. */
export function byLevel({ decisions, escalations }: Pick<Result, 'decisions' | 'escalations'>): AtLevel[] {
  const names = new Set([
    ...escalations.flatMap(({ from, to }) => [from, to]),
    ...decisions.map(({ level }) => level),
  ]);
  return [...names].map((level) => ({
    level,
    decisions: decisions.filter((decision) => decision.level === level),
    escalations: escalations.filter(({ from }) => from === level),
  }));
}
