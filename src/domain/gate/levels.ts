/**
 * Levels after the first are asked in child workflows. Here is what a child is given, what it brings back, and what its owner
 * makes of it. A level that was lost (terminated, cancelled by an operator, failed) is never an approval.
 */
import { z } from 'zod';
import { problems } from './decision';
import { defined } from '../defined';
import type { Json } from '../json';
import type { Delegation } from '../voices';
import { escalate } from './decide';
import { isLevelGate } from './place';
import { edited } from './revisions';
import { weightOf } from './room';
import type {
  Admitted,
  Basis,
  ClosedGate,
  Gate,
  Instant,
  LevelOutcome,
  OpenGate,
  Reassessed,
  Signature,
  WaitingGate,
} from './state';
import { WaitingShape } from './state-shape';
import { approve, close, open, sendBack } from './status';

/** Only a gate starts a level, and the argument is that gate's; anybody may start a workflow, so that it is one is looked at. */
const LevelArgument = z.strictObject({
  v: z.literal(1),
  gate: WaitingShape,
  setting: z.looseObject({}),
});

/** `owner`: the workflow whose gate it says it is. Never throws. */
export function parseLevel(
  argument: unknown,
): { readonly ok: true; readonly owner: string } | { readonly ok: false; readonly problem: string } {
  const parsed = z.safeParse(LevelArgument, argument);
  return parsed.success
    ? { ok: true, owner: parsed.data.gate.setUp?.home ?? parsed.data.gate.root.workflowId }
    : { ok: false, problem: problems(parsed.error) };
}

/** How a level ended, as its child workflow answers. */
export interface LevelEnd {
  readonly outcome: LevelOutcome;
  readonly reason?: string;
  readonly answer?: Json;
  readonly basis?: Basis;
  readonly edited?: Signature;
  /** The requester called it off; anybody else who cancels a level only loses that level. */
  readonly calledOff?: true;
  readonly revision: number;
  readonly signatures: readonly Signature[];
  readonly rejections: readonly Signature[];
  readonly delegations: readonly Delegation[];
  readonly decisions: readonly Admitted[];
}

/** Decisions that stand behind what a level is opened with: an edit's signature counts there, and so does who was delegated to. */
export function behind({ signatures, delegations, decisions }: WaitingGate): readonly Admitted[] {
  const named = new Set([...signatures, ...delegations].map(({ decision }) => decision));
  return decisions.filter(({ id }) => named.has(id));
}

/** The gate of one level, in a workflow of its own: the same question, with that level's time. */
export function openLevel(waiting: WaitingGate, now: Instant): OpenGate {
  return open({ ...waiting, place: 'level', decisions: [], answered: [], refusals: 0 }, now);
}

/** What a level's closed gate brings back. `basis` is that of its approval. */
export function levelEnd(gate: ClosedGate, basis: Basis | undefined): LevelEnd {
  const { outcome, reason, answer, revision, signatures, rejections, delegations, decisions } = gate;
  const edited = isLevelGate(gate) ? gate.edited : undefined;
  const calledOff = decisions.some(({ verdict }) => verdict === 'cancel') ? (true as const) : undefined;
  return {
    outcome,
    ...defined({ reason, answer, basis, edited, calledOff }),
    revision,
    signatures,
    rejections,
    delegations,
    decisions,
  };
}

/** The owner's gate after its level has ended; an edit is for `resumeEdited`, which needs what was found of it. */
export function resume(gate: WaitingGate, end: LevelEnd, at: Instant): Gate {
  const here = withEnd(gate, end);
  const { outcome, reason = '' } = end;
  switch (outcome) {
    case 'approved':
      return approve(here, end.basis ?? 'signatures', at);
    case 'rejected':
    case 'expired':
      return close(here, outcome, reason);
    case 'answered':
      return { ...close(here, outcome, reason), answer: end.answer ?? null };
    case 'escalated':
      return escalate(here, reason, at);
    case 'revised':
      return sendBack(here);
    case 'cancelled':
      return end.calledOff === true ? close(here, outcome, reason) : lost(here, 'was cancelled', at);
    default:
      return lost(here, reason === '' ? `ended ${outcome}` : `ended ${outcome}: ${reason}`, at);
  }
}

/** An edit closed the level: its owner opens the level that the edited proposal's policy asks for. */
export function resumeEdited(gate: WaitingGate, end: LevelEnd, found: Reassessed, at: Instant): Gate {
  const { edited: signature } = end;
  const decision = end.decisions.find(({ id }) => id === signature?.decision);
  if (signature === undefined || decision === undefined) return resume(gate, end, at);
  return edited(withEnd(gate, end), decision, signature, found, at);
}

/** The level is not to be had: the next one is asked; with none left the gate has failed. */
export function lost(gate: WaitingGate, how: string, at: Instant): Gate {
  return escalate(gate, `LEVEL_TERMINATED: the level ${gate.level.name} ${how}`, at, 'failed');
}

function withEnd(gate: WaitingGate, end: LevelEnd): WaitingGate {
  const { signatures, rejections, delegations } = end;
  const decisions = [...gate.decisions, ...end.decisions];
  const weight = end.decisions.reduce(
    (sum, { at: _a, revision: _r, level: _l, ...sent }) => sum + weightOf(sent),
    gate.weight,
  );
  return { ...gate, signatures, rejections, delegations, decisions, weight };
}
