/** The steps that a gate takes from one status to another, whatever brings it to them. Only these assign a status. */
import type { Decision } from './decision';
import { milliseconds } from './duration';
import type {
  ApprovedGate,
  Basis,
  ClosedGate,
  Common,
  Instant,
  LevelOutcome,
  OpenGate,
  WaitingGate,
} from './gate-state';
import { shownBy } from './gate-shown';
import { levelAt } from './policy';

export function instant(at: Instant): string {
  return new Date(at).toISOString();
}

/** INFO goes on without being asked; but what an agent could not propose is asked of people all the same. */
export function notifies({ policy, failure }: Common): boolean {
  return policy.confirmation === 'INFO' && failure === undefined;
}

/** The level at the gate's rung is asked, with all of its time. */
export function opened(gate: Common, now: Instant): OpenGate {
  const level = levelAt(gate.policy, gate.rung);
  const deadline = now + milliseconds(level.respondWithin);
  return openedStill({ ...gate, deadline, firstDeadline: deadline, reminded: 0, warned: undefined });
}

/** As `opened`, with the time that is left. */
export function openedStill(gate: Common): OpenGate {
  return {
    ...bare(gate),
    status: 'open',
    level: levelAt(gate.policy, gate.rung),
    shown: shownBy(gate),
  };
}

/** Whoever is to be asked is asked: nobody at INFO, the first level here, any other (in a ladder: every one) in a child workflow. */
export function asked(gate: Common, now: Instant): OpenGate | WaitingGate | ApprovedGate {
  if (gate.setUp?.undoes !== undefined) return approve(gate, 'step', now);
  if (notifies(gate)) return approve(gate, 'notice', now);
  return gate.rung === 0 && gate.setUp?.ladder !== true ? opened(gate, now) : waiting(gate);
}

export function waiting(gate: Common): WaitingGate {
  const level = levelAt(gate.policy, gate.rung);
  return { ...bare(gate), status: 'waiting', level, waitingOn: childOf(gate, level.name) };
}

/** The workflow that the gate lives in, and that asks its levels. */
export function homeOf({ root, setUp }: Pick<Common, 'root' | 'setUp'>): string {
  return setUp?.home ?? root.workflowId;
}

/** The workflow id of a level's child. */
export function childOf(gate: Pick<Common, 'root' | 'setUp'>, level: string): string {
  return `${homeOf(gate)}/${level}`;
}

export function approve(gate: Common, basis: Basis, at: Instant): ApprovedGate {
  const { executeWithin } = gate.policy;
  const limit = executeWithin === undefined ? {} : { executeBefore: at + milliseconds(executeWithin) };
  return { ...bare(gate), status: 'approved', basis, ...limit };
}

export function close(gate: Common, outcome: LevelOutcome, reason?: string): ClosedGate {
  return { ...bare(gate), status: 'closed', outcome, ...(reason === undefined ? {} : { reason }) };
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
export function bare(gate: Common): Common {
  const {
    status: _s,
    level: _l,
    shown: _h,
    waitingOn: _w,
    basis: _b,
    executeBefore: _e,
    ...kept
  } = gate as Common & Own;
  return kept;
}

export function said(what: string, { comment }: Pick<Decision, 'comment'>): string {
  return comment === undefined ? what : `${what}: ${comment}`;
}
