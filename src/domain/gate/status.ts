/** The steps that a gate takes from one status to another, whatever brings it to them. Only these assign a status. */
import { defined } from '../defined';
import { milliseconds } from '../duration';
import { levelAt } from '../policy';
import { childOf } from './place';
import { shownBy } from './shown';
import type {
  ApprovedGate,
  Basis,
  ClosedGate,
  Common,
  ExecutingGate,
  GateBase,
  Instant,
  LevelBase,
  LevelOutcome,
  OpenGate,
  Outcome,
  ProposingGate,
  RootBase,
  Signature,
  WaitingGate,
} from './state';

/** ISO 8601 UTC. */
export function instant(at: Instant): string {
  return new Date(at).toISOString();
}

/** The level at the gate's rung is asked, with all of its time. */
export function open(gate: GateBase, now: Instant): OpenGate {
  const level = levelAt(gate.policy, gate.rung);
  const deadline = now + milliseconds(level.respondWithin);
  return stayOpen({ ...gate, deadline, firstDeadline: deadline, reminded: 0, warned: undefined });
}

/** As `open`, with the time that is left. */
export function stayOpen(gate: GateBase): OpenGate {
  const level = levelAt(gate.policy, gate.rung);
  return { ...bare(gate), status: 'open', level, shown: shownBy(gate) };
}

/** Asks whoever comes first: nobody at INFO, the first level here, any other (in a ladder: every one) in a child workflow. */
export function ask(gate: RootBase, now: Instant): OpenGate | WaitingGate | ApprovedGate {
  if (gate.setUp?.undoes !== undefined) return approve(gate, 'step', now);
  if (notifiesOnly(gate)) return approve(gate, 'notice', now);
  return gate.rung === 0 && gate.setUp?.ladder !== true ? open(gate, now) : waitForLevel(gate);
}

/** INFO goes on without anybody being asked; but what an agent could not propose is asked of people all the same. */
export function notifiesOnly({ policy, failure }: Common): boolean {
  return policy.confirmation === 'INFO' && failure === undefined;
}

export function waitForLevel(gate: RootBase): WaitingGate {
  const level = levelAt(gate.policy, gate.rung);
  return { ...bare(gate), status: 'waiting', level, waitingOn: childOf(gate, level.name) };
}

/** The agent is asked for another revision. */
export function sendBack(gate: RootBase): ProposingGate {
  return { ...bare(gate), status: 'proposing', sentBack: gate.sentBack + 1 };
}

export function approve(gate: GateBase, basis: Basis, at: Instant): ApprovedGate {
  const { executeWithin } = gate.policy;
  const executeBefore = executeWithin === undefined ? undefined : at + milliseconds(executeWithin);
  return { ...bare(gate), status: 'approved', basis, ...defined({ executeBefore }) };
}

/** The approval is about to be acted on; nothing calls it off any more. */
export function startExecuting(gate: ApprovedGate): ExecutingGate {
  return { ...gate, status: 'executing' };
}

/** It did not come to it after all: nothing has been executed, and it may be called off again. */
export function revertToApproved(gate: ExecutingGate): ApprovedGate {
  return { ...gate, status: 'approved' };
}

export function close(gate: GateBase, outcome: Outcome, reason?: string): ClosedGate {
  return { ...bare(gate), status: 'closed', outcome, ...defined({ reason }) };
}

/** How an approval ended: `executed` and `failed` after execution, `approved` where there was nothing to execute. */
export function closeAfterApproval(
  gate: ApprovedGate | ExecutingGate,
  outcome: Outcome,
  reason?: string,
): ClosedGate {
  return close(gate, outcome, reason);
}

/** A level's gate ends with what its owner has to see to: the next level, or another revision. @param edited the editor's signature */
export function handBack(
  gate: LevelBase,
  outcome: Exclude<LevelOutcome, Outcome>,
  reason: string,
  edited?: Signature,
): ClosedGate {
  return { ...bare(gate), status: 'closed', outcome, reason, ...defined({ edited }) };
}

/** What only one status has. */
interface Own {
  readonly status?: unknown;
  readonly level?: unknown;
  readonly shown?: unknown;
  readonly waitingOn?: unknown;
  readonly basis?: unknown;
  readonly executeBefore?: unknown;
}

/** Without what only one status has. */
export function bare<G extends GateBase>(gate: G): G extends LevelBase ? LevelBase : RootBase {
  const {
    status: _s,
    level: _l,
    shown: _h,
    waitingOn: _w,
    basis: _b,
    executeBefore: _e,
    ...kept
  } = gate as GateBase & Own;
  return kept as G extends LevelBase ? LevelBase : RootBase;
}
