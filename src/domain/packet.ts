/** What a reviewer is given: the whole gate, open or closed, as the query `gate` answers it; and how it all ended. */
import { compare, type Operation } from 'fast-json-patch';
import { z } from 'zod';
import type { Admitted, Failure, Gate, Outcome, Signature } from './gate';
import { instant, offeredVerdicts } from './gate';
import { firstLevel, type Policy, type Verdict } from './policy';
import type { Json } from './json';
import type { Proposal } from './proposal';

export const Status = z.enum(['proposing', 'open', 'waiting', 'approved', 'executing', 'closed']);
export type Status = z.infer<typeof Status>;

/** The answer of the query `gate`. Before the gate opens only `status` and the ids are there. */
export interface Packet {
  readonly v: 1;
  readonly workflowId: string;
  readonly gate: string;
  readonly status: Status;
  readonly outcome?: Outcome;
  readonly reason?: string;
  /** As claimed by whoever started the workflow. */
  readonly requester: string;
  readonly revision: number;
  readonly digest?: string;
  readonly proposal?: Proposal;
  /** The agent had no proposal: there is nothing to approve, `proposal` asks what is to become of the task. */
  readonly failure?: Failure;
  /** RFC 6902, from the proposal before this revision to this one. */
  readonly diff?: readonly Operation[];
  readonly preview?: Json;
  readonly policy?: Policy;
  readonly level?: string;
  /** ISO 8601 UTC. */
  readonly deadline?: string;
  readonly signatures: readonly Signature[];
  /** What may be said now; empty where nothing may. */
  readonly verdicts: readonly Verdict[];
  readonly authentication: 'open' | 'signed';
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
  readonly outcome: Outcome;
  readonly result?: Json;
  readonly proposal?: Proposal;
  readonly digest?: string;
  readonly decisions: readonly Admitted[];
  readonly escalations: readonly never[];
  readonly reason?: string;
  readonly audit: AuditHead;
}

/** What may be said while nobody is asked. */
const STILL: { readonly [S in Status]?: readonly Verdict[] } = {
  proposing: ['comment', 'cancel'],
  approved: ['cancel'],
};

export function packetOf(gate: Gate): Packet {
  const before = gate.revisions.at(-2);
  const verdicts = gate.status === 'open' ? offeredVerdicts(gate) : [...(STILL[gate.status] ?? [])];
  return {
    v: 1,
    workflowId: gate.root.workflowId,
    gate: gate.gate,
    status: gate.status,
    ...(gate.status === 'closed' ? { outcome: gate.outcome } : {}),
    ...(gate.status === 'closed' && gate.reason !== undefined ? { reason: gate.reason } : {}),
    requester: gate.requester,
    revision: gate.revision,
    digest: gate.digest,
    proposal: gate.proposal,
    ...(gate.failure === undefined ? {} : { failure: gate.failure }),
    ...(before === undefined ? {} : { diff: compare(before.proposal, gate.proposal) }),
    ...(gate.assessment.preview === undefined ? {} : { preview: gate.assessment.preview }),
    policy: gate.policy,
    level: firstLevel(gate.policy).name,
    deadline: instant(gate.deadline),
    signatures: gate.signatures,
    verdicts,
    authentication: 'open',
  };
}
