/** What a reviewer is given: the whole gate, open or closed, as the query `gate` answers it; and how it all ended. */
import { compare, type Operation } from 'fast-json-patch';
import { z } from 'zod';
import { offeredVerdicts } from './gate/offered';
import { digestOf, type Root, type Undo } from './digest';
import type { Admitted, Escalation, Failure, Gate, LevelOutcome, Signature } from './gate';
import { deciderOf, instant, isLevelGate, notifiesOnly } from './gate';
import type { Grade } from './grade';
import { levelAt, type Policy, type Verdict } from './policy';
import type { Delegation } from './voices';
import type { Json } from './json';
import type { AssessmentSeal } from './permit';
import type { PlanView } from './plan-view';
import type { Proposal } from './proposal';
import { shownHash, type RequesterProof } from './gate/shown-hash';
import type { Rewording } from './words';

export const Status = z.enum(['proposing', 'open', 'waiting', 'approved', 'executing', 'closed']);
export type Status = z.infer<typeof Status>;

/** The answer of the query `gate`. Before the gate opens only `status` and the ids are there. */
export interface Packet {
  readonly v: 1;
  /** Where to decide. */
  readonly workflowId: string;
  /** What the digest and every signature are bound to: of a level's gate, the workflow that owns it. */
  readonly root?: Root;
  readonly gate: string;
  readonly status: Status;
  readonly outcome?: LevelOutcome;
  readonly reason?: string;
  /** As claimed by whoever started the workflow, unless `requesterProof` says otherwise. */
  readonly requester: string;
  /** How the requester is known: by the argument's word, by a front door's signature, or by the requester's own. */
  readonly requesterProof?: RequesterProof;
  /** Countersign as it is set up in one place: what is signed here counts there alone. */
  readonly deployment?: string;
  /** Who made this revision: an agent's level and name, the requester, or the editor. */
  readonly by?: string;
  readonly risk?: 'low' | 'medium' | 'high';
  /** Where the outcome is sent besides. */
  readonly callback?: string;
  readonly revision: number;
  readonly digest?: string;
  readonly proposal?: Proposal;
  /** The agent had no proposal: there is nothing to approve, `proposal` asks what is to become of the task. */
  readonly failure?: Failure;
  /** Edits and rejections of before that the agent was shown when it proposed this. */
  readonly lessons?: number;
  /** RFC 6902, from the proposal before this revision to this one. */
  readonly diff?: readonly Operation[];
  /** Word by word, of each text that `diff` replaces. */
  readonly words?: readonly Rewording[];
  readonly preview?: Json;
  /** The worker's signature over what it has computed for this question (`assessmentText`); a front door shows the rest as claimed. */
  readonly assessed?: AssessmentSeal;
  /** Of a step: what would take it back. It is signed with the step, and hashed with it. */
  readonly undo?: Undo;
  /** Of a step, and of the workflow that takes the steps: the whole plan, where it stands and what is left. */
  readonly plan?: PlanView;
  readonly policy?: Policy;
  readonly level?: string;
  /** ISO 8601 UTC. */
  readonly deadline?: string;
  readonly signatures: readonly Signature[];
  readonly rejections?: readonly Signature[];
  readonly delegations?: readonly Delegation[];
  readonly escalations?: readonly Escalation[];
  /** What may be said now; empty where nothing may. */
  readonly verdicts: readonly Verdict[];
  /** At VERIFY: what approve and edit need, exactly. */
  readonly phrase?: string;
  /** The child workflow that people decide on. */
  readonly waitingOn?: string;
  /** How surely a decision's sender has to be known, at least. */
  readonly authentication: Grade;
  /** SHA-256 of all that is shown here (`shownOfPacket`), for a decision to name; only while people are asked, where they decide. */
  readonly shown?: string;
  /** Why it stands still, where something other than a person holds it up. */
  readonly waitingFor?: string;
}

/** Where the audit of a run stands: how many entries, and the hash of the last. */
export interface AuditHead {
  readonly entries: number;
  readonly head: string;
}

/** The result of every workflow with a gate. */
export interface Result {
  readonly v: 1;
  readonly outcome: LevelOutcome;
  readonly result?: Json;
  readonly proposal?: Proposal;
  readonly digest?: string;
  readonly decisions: readonly Admitted[];
  readonly escalations: readonly Escalation[];
  readonly reason?: string;
  readonly audit: AuditHead;
}

export function packetOf(gate: Gate): Packet {
  const { root, revision, policy, rung, proposal } = gate;
  const level = levelAt(policy, rung);
  const before = gate.revisions.at(-2)?.proposal;
  return {
    v: 1,
    workflowId: deciderOf(gate, level.name),
    root: { workflowId: root.workflowId, firstRunId: root.firstRunId },
    gate: gate.gate,
    status: gate.status,
    ...(gate.status === 'closed' ? { outcome: gate.outcome } : {}),
    ...(gate.status === 'closed' && gate.reason !== undefined ? { reason: gate.reason } : {}),
    requester: gate.requester,
    requesterProof: gate.requesterProof,
    deployment: gate.deployment,
    by: gate.by,
    risk: gate.assessment.risk,
    ...(gate.callback === undefined ? {} : { callback: gate.callback }),
    revision,
    digest: gate.digest,
    proposal,
    ...(gate.failure === undefined ? {} : { failure: gate.failure }),
    ...(before === undefined ? {} : { diff: compare(before, proposal) }),
    ...(gate.setUp?.undo === undefined ? {} : { undo: gate.setUp.undo }),
    ...(gate.setUp?.plan === undefined ? {} : { plan: gate.setUp.plan }),
    ...(gate.assessment.preview === undefined ? {} : { preview: gate.assessment.preview }),
    ...(gate.assessment.assessed === undefined ? {} : { assessed: gate.assessment.assessed }),
    policy,
    level: level.name,
    ...(asksWithin(gate) ? { deadline: instant(gate.deadline) } : {}),
    signatures: gate.signatures,
    ...some('rejections', gate.rejections),
    ...some('delegations', gate.delegations),
    ...some('escalations', gate.escalations),
    verdicts: offeredVerdicts(gate),
    ...(gate.phrase === undefined || gate.failure !== undefined ? {} : { phrase: gate.phrase }),
    ...(gate.status === 'waiting' ? { waitingOn: gate.waitingOn } : {}),
    authentication: policy.authentication ?? 'open',
    ...(gate.status === 'open' ? { shown: gate.shown } : {}),
  };
}

/** Nobody is waited for at INFO, and a level's own gate tells its deadline. */
function asksWithin(gate: Gate): boolean {
  const { status, rung, setUp } = gate;
  if (notifiesOnly(gate) || setUp?.undoes !== undefined) return false;
  return status !== 'waiting' && ((rung === 0 && setUp?.ladder !== true) || isLevelGate(gate));
}

function some<Key extends string, T>(key: Key, list: readonly T[]): { readonly [K in Key]?: readonly T[] } {
  return (list.length === 0 ? {} : { [key]: list }) as { readonly [K in Key]?: readonly T[] };
}

/**
 * The digest of what the packet shows, whatever digest it names; undefined where it shows nothing that has one. The one place
 * that makes it anew: what is left out of it here could be shown otherwise than it was signed.
 */
export function digestOfPacket(
  packet: Pick<Packet, 'root' | 'gate' | 'revision' | 'proposal' | 'undo'>,
): string | undefined {
  const { root, gate, revision, proposal, undo } = packet;
  if (root === undefined || proposal === undefined) return undefined;
  const { action, args } = proposal;
  return digestOf({ ...root, gate, revision, action, args, undo });
}

/**
 * The hash of what the packet shows, whatever hash it names; undefined where something is missing that it covers. `digestOfPacket` is of
 * what runs, and this of all that is said around it.
 */
export function shownOfPacket(packet: Packet): string | undefined {
  const { proposal, requester, requesterProof, by, policy, level, risk } = packet;
  const { phrase, preview, undo, plan, callback } = packet;
  if (proposal === undefined || policy === undefined || level === undefined) return undefined;
  if (requesterProof === undefined || by === undefined || risk === undefined) return undefined;
  const asked = { proposal, requester, requesterProof, by, policy, level, phrase, risk };
  return shownHash({ ...asked, preview, undo, plan, callback });
}

/** What a gate that waits has asked in a workflow of its own. */
export function askedBelow({ level, gate }: Pick<Packet, 'level' | 'gate'>): string {
  return level === undefined ? `step ${gate}` : `level ${level}`;
}
