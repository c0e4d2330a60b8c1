/** What a reviewer is given: the whole gate, open or closed, as the query `gate` answers it; and how it all ended. */
import { compare } from 'fast-json-patch';
import type { z } from 'zod';
import type { AuditHead as AuditHeadSchema, PacketSchema, ResultSchema } from './answers';
import { defined } from './defined';
import { digestOf } from './digest';
import { deciderOf, instant, isLevelGate, notifiesOnly, type Gate } from './gate';
import { offeredVerdicts } from './gate/offered';
import { shownHash } from './gate/shown-hash';
import { levelAt } from './policy';
import type { Wire } from './wire';

export { Status } from './gate/records';

/** The answer of the query `gate`. @interface */
export type Packet = Wire<typeof PacketSchema>;

/** Where the audit of a run stands: how many entries, and the hash of the last. @interface */
export type AuditHead = z.infer<typeof AuditHeadSchema>;

/** The result of every workflow with a gate. @interface */
export type Result = Wire<typeof ResultSchema>;

export function packetOf(gate: Gate): Packet {
  const { root, revision, policy, rung, proposal, phrase, failure, setUp, assessment } = gate;
  const level = levelAt(policy, rung);
  const before = gate.revisions.at(-2)?.proposal;
  const closed = gate.status === 'closed' ? gate : undefined;
  return defined({
    v: 1,
    workflowId: deciderOf(gate, level.name),
    root: { workflowId: root.workflowId, firstRunId: root.firstRunId },
    gate: gate.gate,
    status: gate.status,
    outcome: closed?.outcome,
    reason: closed?.reason,
    requester: gate.requester,
    requesterProof: gate.requesterProof,
    deployment: gate.deployment,
    by: gate.by,
    risk: assessment.risk,
    callback: gate.callback,
    revision,
    digest: gate.digest,
    proposal,
    failure,
    diff: before && compare(before, proposal),
    undo: setUp?.undo,
    plan: setUp?.plan,
    preview: assessment.preview,
    assessed: assessment.assessed,
    policy,
    level: level.name,
    deadline: asksWithin(gate) ? instant(gate.deadline) : undefined,
    signatures: gate.signatures,
    rejections: unlessEmpty(gate.rejections),
    delegations: unlessEmpty(gate.delegations),
    escalations: unlessEmpty(gate.escalations),
    verdicts: offeredVerdicts(gate),
    phrase: failure === undefined ? phrase : undefined,
    waitingOn: gate.status === 'waiting' ? gate.waitingOn : undefined,
    authentication: policy.authentication ?? 'open',
    shown: gate.status === 'open' ? gate.shown : undefined,
  });
}

function unlessEmpty<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length === 0 ? undefined : list;
}

/** Nobody is waited for at INFO, and a level's own gate tells its deadline. */
function asksWithin(gate: Gate): boolean {
  const { status, rung, setUp } = gate;
  if (notifiesOnly(gate) || setUp?.undoes !== undefined) return false;
  return status !== 'waiting' && ((rung === 0 && setUp?.ladder !== true) || isLevelGate(gate));
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
