/**
 * Who was asked about one question, level after level, and why it went on each time: put together from the gate's own packet or
 * result and from the workflows that its levels were asked in.
 */
import type { WorkflowExecutionDescription, WorkflowExecutionStatusName } from '@temporalio/client';
import { LOST, whyNotEnough } from '../domain/climb';
import { LADDER_POLICY, parseEscalation, type EscalationStart } from '../domain/escalation-start';
import type { Packet, Result } from '../domain/packet';
import { commandOn } from '../domain/paste';
import { WORKFLOW } from '../domain/workflow-types';
import { cutOff, type CutOff } from './cut-off';
import { CountersignError } from './errors';
import { asksOf, type LevelSeen } from './levels';
import type { Server } from './server';

export interface Escalations {
  /** Of the gate, whichever of its levels was asked for. */
  readonly workflowId: string;
  /** Its workflow type. */
  readonly type: string;
  readonly status: WorkflowExecutionStatusName;
  /** ISO 8601 UTC. */
  readonly started: string;
  readonly closed?: string;
  readonly outcome?: string;
  readonly reason?: string;
  /** In the order in which they were asked. */
  readonly levels: readonly LevelSeen[];
}

type Show = (workflowId: string) => Promise<Packet>;
type Passed = Result['escalations'][number];

/** What the gate itself tells: while it runs its packet, and once it has ended its result, which needs no worker. */
type Told = Partial<Pick<Packet, 'outcome' | 'reason' | 'escalations' | 'policy' | 'level' | 'failure'>> &
  Partial<Pick<Result, 'decisions'>>;

const LEVELS: readonly string[] = [WORKFLOW.reviewLevel, WORKFLOW.askAgent];

export async function escalationsOf(server: Server, show: Show, workflowId: string): Promise<Escalations> {
  const owner = await ownerOf(server, workflowId);
  const ladder = owner.type === WORKFLOW.escalation ? await ladderOf(server, owner.workflowId) : undefined;
  const told = await toldBy(server, show, owner, ladder);
  const levels = await askedOf(server, owner, told, ladder);
  const { outcome, reason } = told;
  return {
    workflowId: owner.workflowId,
    type: owner.type,
    status: owner.status.name,
    started: owner.startTime.toISOString(),
    ...(owner.closeTime === undefined ? {} : { closed: owner.closeTime.toISOString() }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(reason === undefined ? {} : { reason }),
    levels: reasoned(levels, told.escalations ?? [], ladder),
  };
}

/** The workflow that the gate is in, of whichever of its levels the id is. @throws CountersignError NOT_FOUND, WRONG_TYPE */
async function ownerOf(server: Server, workflowId: string): Promise<WorkflowExecutionDescription> {
  let described = await server.describe(workflowId);
  for (let above = ownerId(described); above !== undefined; above = ownerId(described))
    described = await server.describe(above);
  if (described.type !== WORKFLOW.multiStepApproval) return described;
  throw new CountersignError(
    'WRONG_TYPE',
    `${described.workflowId} is a plan, and each of its steps has levels of its own; \`${commandOn('steps', described.workflowId)}\` names them`,
  );
}

/** Of a level's workflow, the one that asked it. */
function ownerId({ type, parentExecution }: WorkflowExecutionDescription): string | undefined {
  return LEVELS.includes(type) ? (parentExecution?.workflowId ?? undefined) : undefined;
}

async function ladderOf(server: Server, workflowId: string): Promise<EscalationStart | undefined> {
  const parsed = parseEscalation(await server.argument(workflowId));
  return parsed.ok ? parsed.start : undefined;
}

async function toldBy(
  server: Server,
  show: Show,
  { workflowId, status }: WorkflowExecutionDescription,
  ladder: EscalationStart | undefined,
): Promise<Told> {
  if (status.name === 'RUNNING') return show(workflowId);
  const told: Told =
    status.name === 'COMPLETED'
      ? ((await server.result(workflowId)) as Result)
      : reasonOf(await cutOff(server, { workflowId, status: status.name }));
  const names = [...(told.escalations ?? []), ...(told.decisions ?? [])];
  // Who was asked in vain stands in the packet alone; a ladder's levels have workflows of their own that tell.
  if (names.length > 0 || ladder !== undefined) return told;
  return { ...(await show(workflowId).catch(() => ({}))), ...told };
}

function reasonOf(cut: CutOff | undefined): Told {
  return cut?.reason === undefined ? {} : { reason: cut.reason };
}

/** Each level that was asked, as often as it was. */
async function askedOf(
  server: Server,
  owner: WorkflowExecutionDescription,
  told: Told,
  ladder: EscalationStart | undefined,
): Promise<LevelSeen[]> {
  const agents = (ladder?.agents ?? []).map(({ name }) => name);
  const people = peopleOf(told, ladder).filter((name) => !agents.includes(name));
  const here = ladder === undefined ? people.shift() : undefined;
  const child = (name: string) => `${owner.workflowId}/${name}`;
  const asks = await Promise.all([
    ...agents.map((name) => asksOf(server, name, 'agent', child(name))),
    ...people.map((name) => asksOf(server, name, 'people', child(name))),
  ]);
  const first = here === undefined ? [] : [askedHere(owner, here, told)];
  return [...first, ...asks.flat()].sort((one, other) => one.started.localeCompare(other.started));
}

/** Names of people's levels that may have been asked, the first one first. */
function peopleOf(told: Told, ladder: EscalationStart | undefined): string[] {
  const { policy, failure, escalations = [], decisions = [], level } = told;
  if (ladder === undefined && policy?.confirmation === 'INFO' && failure === undefined) return [];
  const ruled = policy ?? (ladder === undefined ? undefined : (ladder.policy ?? LADDER_POLICY));
  return [
    ...new Set([
      ...escalations.flatMap(({ from, to }) => [from, to]),
      ...(ruled?.levels ?? []).map(({ name }) => name),
      ...decisions.map((decision) => decision.level),
      ...(level === undefined ? [] : [level]),
    ]),
  ];
}

/** The first level of people has no workflow of its own: the gate's was open for it until it was passed up, or to its end. */
function askedHere(owner: WorkflowExecutionDescription, name: string, told: Told): LevelSeen {
  const passed = [...(told.escalations ?? [])].reverse().find(({ from }) => from === name);
  const closed = passed?.at ?? owner.closeTime?.toISOString();
  const { outcome, reason } = told;
  return {
    name,
    kind: 'people',
    workflowId: owner.workflowId,
    runId: owner.runId,
    status: passed === undefined ? owner.status.name : 'COMPLETED',
    started: owner.startTime.toISOString(),
    ...(closed === undefined ? {} : { closed }),
    ...(passed === undefined && outcome !== undefined ? { outcome } : {}),
    ...(passed === undefined && reason !== undefined ? { reason } : {}),
    ...(passed === undefined ? {} : { outcome: 'escalated' }),
  };
}

/** Each with why the next one was asked: as it is on record, or, while agents are asked, by what the ladder goes by. */
function reasoned(
  levels: readonly LevelSeen[],
  escalations: readonly Passed[],
  ladder: EscalationStart | undefined,
): LevelSeen[] {
  const latest = [...levels].reverse();
  return levels.map((level, index) => {
    const passed = escalations.find((one) => latest.find((asked) => before(asked, one)) === level);
    if (passed !== undefined) return { ...level, to: passed.to, why: passed.reason, at: passed.at };
    const next = levels[index + 1];
    const why = next === undefined ? undefined : unsure(level, ladder);
    return why === undefined || next === undefined ? level : { ...level, to: next.name, why };
  });
}

function before({ name, started }: LevelSeen, { from, at }: Passed): boolean {
  return name === from && started <= at;
}

function unsure(level: LevelSeen, ladder: EscalationStart | undefined): string | undefined {
  const { kind, status, outcome, name, confidence = 0, sensitive = false, by = '', reason } = level;
  if (ladder === undefined || kind !== 'agent' || status === 'RUNNING') return undefined;
  const error =
    outcome === 'answered' ? null : (reason ?? `${LOST}: the level ${name} was ${status.toLowerCase()}`);
  return whyNotEnough({ output: null, confidence, error, sensitive, by }, ladder.confidenceThreshold);
}
