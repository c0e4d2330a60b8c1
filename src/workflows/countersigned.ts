/** The one story behind every workflow type: it is proposed, people are asked, it is executed, and all of it recorded. */
import {
  ApplicationFailure,
  CancellationScope,
  condition,
  allHandlersFinished,
  workflowInfo,
} from '@temporalio/workflow';
import type { Root } from '../domain/digest';
import {
  cancel,
  openGate,
  type ApprovedGate,
  type ClosedGate,
  type Gate,
  type OpenGate,
  type WaitingGate,
} from '../domain/gate';
import type { Json } from '../domain/json';
import type { LevelEnd } from '../domain/ladder';
import type { Result } from '../domain/packet';
import type { Start } from '../domain/start';
import { ask, askAgain, CANCELLED, type Unasked } from './ask';
import { now } from './clock';
import { openDesk, type Desk, type DeskOptions } from './desk';
import { execute } from './execute';
import { gated } from './gated';
import { openLedger, type Ledger } from './ledger';
import type { LevelResult } from './level';
import { roller } from './roll-over';
import type { Carried, Setting } from './setting';

/** The workflow's gates, one after the other, on one chain of audit entries. */
let ledger: Ledger | undefined;
const desks: Desk[] = [];

/** For our own workflow types, which can go on in a new run: their argument, and what the run before left. */
export interface Continued {
  readonly argument: unknown;
  readonly carried: Carried | undefined;
}

/** @throws ApplicationFailure GATE_NAME_TAKEN, GATE_OPEN: a workflow has one gate at a time, each by its own name */
export async function countersigned(start: Start, gate: string, continued?: Continued): Promise<Result> {
  const { requester, policy, confirmation } = start;
  const setting: Setting = { policy, confirmation };
  const desk = nextDesk({ name: gate, requester, setting, carried: authentic(continued) });
  return uncancelled(desk, async (cancellable) => {
    if (desk.gate() === undefined) {
      const asked = await ask(desk, start, cancellable);
      if ('failed' in asked) return stopped(desk, asked);
      desk.move(openGate(asked, now()));
    }
    const decided = await gated(desk, {
      again: (sentBack) => askAgain(desk, start, sentBack),
      cancellable,
      rolling: roller(desk, continued?.argument),
    });
    const done = decided.status === 'approved' ? await execute(desk, decided, cancellable) : {};
    return finished(desk, done.result);
  });
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
  const desk = nextDesk({ name, requester, setting, carried: authentic(level) });
  let told: LevelEnd | undefined;
  const result = await uncancelled(desk, async (cancellable) => {
    if (desk.gate() === undefined) desk.move(open());
    const decided = await gated(desk, {
      again: () => Promise.reject(new TypeError('a level asks no agent')),
      cancellable,
      rolling: roller(desk, argument),
    });
    const { closed, level: end } = level.end(decided);
    if (closed !== decided) desk.move(closed);
    told = end;
    return finished(desk);
  });
  return { ...result, level: told as LevelEnd };
}

/** What a run hands over arrives by continue-as-new alone: nobody starts a workflow with a gate that is open already. */
function authentic(continued: Continued | undefined): Carried | undefined {
  const carried = continued?.carried;
  if (carried === undefined || workflowInfo().continuedFromExecutionRunId !== undefined) return carried;
  throw ApplicationFailure.nonRetryable('INVALID_INPUT: it takes one argument', 'INVALID_INPUT');
}

function nextDesk(options: Omit<DeskOptions, 'root' | 'ledger' | 'before'>): Desk {
  const { name, carried } = options;
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
  ledger ??= openLedger(root, name, carried?.ledger);
  const desk = openDesk({ ...options, root, ledger, before });
  desks.push(desk);
  return desk;
}

/**
 * Runs the story out of reach of a cancellation, so that it ends on record: the gate is told, and only what the story
 * runs in `cancellable` (the agent, a level, the effect) is called off.
 */
async function uncancelled(
  desk: Desk,
  story: (cancellable: CancellationScope) => Promise<Result>,
): Promise<Result> {
  const current = CancellationScope.current();
  return CancellationScope.nonCancellable(async () => {
    const cancellable = new CancellationScope({ cancellable: true });
    current.cancelRequested.catch(() => {
      cancellable.cancel();
      callOff(desk);
    });
    return story(cancellable);
  });
}

function callOff(desk: Desk): void {
  const gate = desk.gate();
  if (gate === undefined) return;
  const next = cancel(gate, CANCELLED);
  if (next !== gate) desk.move(next);
}

async function stopped(desk: Desk, { failed, reason }: Unasked): Promise<Result> {
  desk.closeUnopened(failed, reason);
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
  const result = gate?.status === 'closed' && gate.answer !== undefined ? gate.answer : executed;
  const { outcome = 'failed', reason, proposal, digest } = desk.packet();
  return {
    v: 1,
    outcome,
    ...(result === undefined ? {} : { result }),
    ...(proposal === undefined ? {} : { proposal }),
    ...(digest === undefined ? {} : { digest }),
    decisions: gate?.decisions ?? [],
    escalations: gate?.escalations ?? [],
    ...(reason === undefined ? {} : { reason }),
    audit: desk.ledger.head(),
  };
}
