/** The one story behind every workflow type: it is proposed, people are asked, it is executed, and all of it recorded. */
import {
  ApplicationFailure,
  type CancellationScope,
  condition,
  allHandlersFinished,
  workflowInfo,
} from '@temporalio/workflow';
import { unreadableGate } from '../../domain/carried';
import type { Root } from '../../domain/digest';
import {
  cancel,
  openGate,
  type ApprovedGate,
  type ClosedGate,
  type Gate,
  type OpenGate,
  type Outcome,
  type WaitingGate,
} from '../../domain/gate';
import type { Json } from '../../domain/json';
import type { LevelEnd } from '../../domain/ladder';
import { ANSWER } from '../../domain/climb';
import type { AuditHead, Result } from '../../domain/packet';
import type { PlanView } from '../../domain/plan-view';
import { callerOrAgent, CANCELLED, type Asking, type Source, type Unasked } from './question-source';
import { now } from '../runtime/replay-clock';
import { goesOn, mustRunOnce, takenOver, type Before } from '../runtime/earlier-runs';
import { openDesk, type Desk, type DeskOptions } from './gate-runtime';
import { execute, judgedLevel } from './execute';
import { gated } from './wait-for-people';
import { awaitDesk } from '../runtime/handlers';
import { openLedger, openLedgerAt, type Ledger } from '../record/ledger';
import type { LevelResult } from './level-child';
import { inTurn } from './admission-queue';
import { outOfReach } from '../runtime/cancellation-shield';
import { rollable, roller } from '../runtime/continue-as-new';
import type { Carried, Setting } from './context';

/** The workflow's gates, one after the other, on one chain of audit entries. */
let ledger: Ledger | undefined;
const desks: Desk[] = [];

/** For our own workflow types, which can go on in a new run: their argument, and what the run before left. */
export interface Continued {
  readonly argument: unknown;
  readonly carried: Carried | undefined;
}

/** What differs between the workflow types. */
export interface Story {
  readonly requester: string;
  /** The gate's name. */
  readonly gate: string;
  readonly setting: Setting;
  readonly source: Source;
  /** Of a step: the plan that it is one of. */
  readonly plan?: PlanView | undefined;
  readonly continued?: Continued | undefined;
}

/** What a caller or an agent proposes, in the words of the argument. */
export function storyOf(asking: Asking, gate: string, continued?: Continued): Story {
  const { policy, confirmation, requester } = asking.start;
  const { otherwise } = asking;
  const setting = { policy, confirmation, ...(otherwise === undefined ? {} : { otherwise }) };
  return { requester, gate, setting, source: callerOrAgent(asking), continued };
}

/**
 * @throws ApplicationFailure GATE_NAME_TAKEN, GATE_OPEN: a workflow has one gate at a time, each by its own name; RUN_REPEATED,
 * NOT_CONTINUED_BY_US
 */
export async function countersigned(story: Story): Promise<Concluded> {
  const { requester, gate: name, setting, source, plan, continued } = story;
  if (continued === undefined) mustRunOnce(); // a workflow of one's own sees to its runs itself
  const before = continued !== undefined && goesOn(continued.carried) ? await left(continued) : undefined;
  const desk = nextDesk({ name, requester, setting, plan }, before);
  const result = await uncancelled(desk, async (cancellable) => {
    if (desk.gate() === undefined) {
      const asked = await source.first(desk, cancellable);
      const ready = 'failed' in asked ? asked : await inTurn(desk, asked, cancellable);
      if ('failed' in ready) return stopped(desk, ready);
      desk.move(openGate(ready, now()));
    }
    const decided = await gated(desk, {
      again: (sentBack) => source.again(desk, sentBack),
      cancellable,
      rolling: roller(rollable(desk), continued?.argument),
    });
    const done = decided.status === 'approved' ? await execute(desk, decided, cancellable) : {};
    return finished(desk, done.result);
  });
  return { result, desk };
}

/** How a story ended, and the desk that it was told at. */
export interface Concluded {
  readonly result: Result;
  readonly desk: Desk;
}

/** The same story where an agent alone is asked, and its answer is somebody else's to judge. */
export async function answered<T>(
  { requester, gate: name, setting }: Pick<Story, 'requester' | 'gate' | 'setting'>,
  ask: (desk: Desk, cancellable: CancellationScope) => Promise<{ readonly answer: T; readonly end: Ended }>,
): Promise<T & { readonly audit: AuditHead }> {
  goesOn();
  const desk = nextDesk({ name, requester, setting });
  let told: T | undefined;
  const { audit } = await uncancelled(desk, async (cancellable) => {
    const { answer, end } = await ask(desk, cancellable);
    told = answer;
    desk.closeUnopened(end.outcome, end.reason);
    return finished(desk);
  });
  return { ...(told as T), audit };
}

export interface Ended {
  readonly outcome: Outcome;
  readonly reason?: string | undefined;
}

export interface Level extends Continued {
  /** Of the gate that owns the level. */
  readonly gate: WaitingGate;
  readonly setting: Setting;
  readonly open: () => OpenGate;
  /** The gate as it closes, and what its owner is told of it. */
  readonly end: (decided: ApprovedGate | ClosedGate) => { closed: ClosedGate; level: LevelEnd };
}

/** The same story without a proposal of its own and without an effect: its owner sees to both. */
export async function levelAsked(level: Level): Promise<Result & LevelResult> {
  const { gate, setting, open, argument } = level;
  const { requester, gate: name } = gate;
  const before = goesOn(level.carried) ? await left(level) : undefined;
  const desk = nextDesk({ name, requester, setting }, before);
  let told: LevelEnd | undefined;
  const result = await uncancelled(desk, async (cancellable) => {
    if (desk.gate() === undefined) desk.move(open());
    const decided = await gated(desk, {
      again: () => Promise.reject(new TypeError('a level asks no agent')),
      cancellable,
      rolling: roller(rollable(desk), argument),
    });
    const judged = decided.status === 'approved' ? await judgedLevel(desk, decided) : decided;
    const { closed, level: end } = level.end(judged);
    if (closed !== judged) desk.move(closed);
    told = end;
    return finished(desk);
  });
  return { ...result, level: told as LevelEnd };
}

function left({ carried }: Continued): Promise<Before<Carried>> {
  awaitDesk();
  return takenOver(carried as Carried, unreadableGate);
}

type Opening = Omit<DeskOptions, 'root' | 'ledger' | 'before' | 'carried'>;

/** @param left by the run before. Where nobody knows any more what came before it, people are asked anew, and the record goes on. */
function nextDesk(options: Opening, left?: Before<Carried>): Desk {
  const { name } = options;
  if (desks.some((desk) => desk.name === name))
    throw ApplicationFailure.nonRetryable(
      `this workflow had a gate ${JSON.stringify(name)} already; give each gate a name of its own`,
      'GATE_NAME_TAKEN',
    );
  const before = desks.at(-1);
  if (before !== undefined && before.packet().status !== 'closed')
    throw ApplicationFailure.nonRetryable(
      `the gate ${JSON.stringify(before.name)} is still open; ask one after the other, or in child workflows`,
      'GATE_OPEN',
    );
  const { workflowId, firstExecutionRunId } = workflowInfo();
  const root: Root = { workflowId, firstRunId: firstExecutionRunId };
  const carried = left?.ends === undefined ? left?.carried : undefined;
  ledger ??=
    left?.ends === undefined ? openLedger(root, name, carried?.ledger) : openLedgerAt(root, name, left.ends);
  if (left !== undefined) ledger.note(left.fact);
  const desk = openDesk({ ...options, carried, root, ledger, before });
  desks.push(desk);
  return desk;
}

/** The gate is told where the workflow is cancelled. */
function uncancelled(
  desk: Desk,
  story: (cancellable: CancellationScope) => Promise<Result>,
): Promise<Result> {
  return outOfReach(() => {
    callOff(desk);
  }, story);
}

function callOff(desk: Desk): void {
  const gate = desk.gate();
  if (gate === undefined) return;
  const next = cancel(gate, CANCELLED);
  if (next !== gate) desk.move(next);
}

async function stopped(desk: Desk, { failed, reason, escalations }: Unasked): Promise<Result> {
  desk.closeUnopened(failed, reason, escalations);
  return finished(desk);
}

/** On record, answered to whoever waits, and told: what arrives meanwhile is on record, too. */
async function finished(desk: Desk, executed?: Json): Promise<Result> {
  for (;;) {
    await desk.ledger.store();
    const result = resultOf(desk, executed);
    desk.conclude(result);
    await condition(() => allHandlersFinished() && !desk.holds());
    await desk.notices.settled();
    if (desk.ledger.pending() === 0) return result;
  }
}

function resultOf(desk: Desk, executed: Json | undefined): Result {
  const gate: Gate | undefined = desk.gate();
  const answer = answerIn(gate);
  const result = answer === undefined ? executed : answer;
  const { outcome = 'failed', reason, proposal, digest, escalations = [] } = desk.packet();
  return {
    v: 1,
    outcome,
    ...(result === undefined ? {} : { result }),
    ...(proposal === undefined ? {} : { proposal }),
    ...(digest === undefined ? {} : { digest }),
    decisions: gate?.decisions ?? [],
    escalations,
    ...(reason === undefined ? {} : { reason }),
    audit: desk.ledger.head(),
  };
}

/** Said in place of the action, or the very output that people have approved. */
function answerIn(gate: Gate | undefined): Json | undefined {
  if (gate?.status !== 'closed') return undefined;
  if (gate.outcome !== 'approved' || gate.proposal.action !== ANSWER) return gate.answer;
  return gate.proposal.args['output'];
}
