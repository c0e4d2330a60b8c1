/**
 * What stands behind an approval, for whoever executes it. All of it comes from workflow state, so that each field is a claim: the
 * executor holds it against its own files, people's signatures and the server's word (`judgement.ts`).
 */
import { defined } from '../defined';
import { z } from 'zod';
import { Risk } from '../confirmation';
import { problems } from './decision';
import { canonical, sha256Hex } from '../digest';
import type { Admitted, ApprovedGate, Basis, ExecutingGate, Signature, Undone } from './state';
import type { Json } from '../json';
import { levelAt, type Policy } from '../policy';
import type { PlanView } from '../plan-view';
import type { Proposal } from '../proposal';
import type { Directory } from '../reviewers';
import { RequesterProof, shownHash, type Shown } from './shown-hash';
import type { Delegation } from '../voices';

export interface Evidence {
  readonly basis: Basis;
  /** As the gate recorded it for this revision. */
  readonly policy: Policy;
  /** Index of the level whose people signed. */
  readonly rung: number;
  readonly requester: string;
  readonly requesterProof: RequesterProof;
  /** Who made this revision. */
  readonly by: string;
  readonly owners: readonly string[];
  readonly before: readonly string[];
  readonly phrase?: string;
  readonly risk: Shown['risk'];
  readonly preview?: Json;
  readonly plan?: PlanView;
  readonly callback?: string;
  /** The proposal without what is hashed: its action and args. */
  readonly words: Omit<Proposal, 'action' | 'args'>;
  readonly reviewers?: Directory;
  readonly signatures: readonly Signature[];
  readonly delegations: readonly Delegation[];
  /** Those that the signatures and delegations name, as they were sent. */
  readonly decisions: readonly Admitted[];
  /** ISO 8601 UTC: it has to be under way before. */
  readonly executeBefore?: string;
  /** Of an undo that nobody was asked about again: the approval of the step that it takes back. */
  readonly undoes?: Undone;
}

export function evidenceOf(gate: ApprovedGate | ExecutingGate): Evidence {
  const { basis, policy, rung, requester, requesterProof, by, owners, before, reviewers } = gate;
  const { signatures, delegations, executeBefore, setUp, assessment, proposal } = gate;
  const { action: _action, args: _args, ...words } = proposal;
  const named = new Set([...signatures, ...delegations].map(({ decision }) => decision));
  return defined({
    basis,
    policy,
    rung,
    requester,
    requesterProof,
    by,
    owners,
    before,
    phrase: gate.phrase,
    risk: assessment.risk,
    preview: assessment.preview,
    plan: setUp?.plan,
    callback: gate.callback,
    words,
    reviewers,
    signatures,
    delegations,
    decisions: [...(gate.earlier ?? []), ...gate.decisions].filter(({ id }) => named.has(id)),
    executeBefore: executeBefore === undefined ? undefined : new Date(executeBefore).toISOString(),
    undoes: setUp?.undoes,
  });
}

const names = z.array(z.string().min(1));
const text = z.string().min(1);

/** What the judgement goes by; each field of it is judged there. What is missing would be compared with nothing. */
const Whole = z.looseObject({
  basis: text,
  policy: z.looseObject({}),
  rung: z.int().min(0),
  requester: text,
  requesterProof: RequesterProof,
  by: text,
  owners: names,
  before: names,
  risk: Risk,
  words: z.looseObject({ confidence: z.number(), sensitive: z.boolean() }),
  signatures: z.array(z.looseObject({ reviewer: text, decision: text, at: text })),
  delegations: z.array(z.looseObject({ from: text, to: text, decision: text, at: text })),
  decisions: z.array(z.looseObject({ id: text, reviewer: text, verdict: text, digest: text, level: text })),
});

/** What is missing of evidence, or is not what it has to be; undefined where it can be judged. */
export function evidenceFault(evidence: Evidence): string | undefined {
  const parsed = z.safeParse(Whole, evidence);
  return parsed.success ? undefined : problems(parsed.error, 'approval');
}

/** Stands in the `approved` entry, so that nobody can bring other evidence for it. */
export function evidenceHash(evidence: Evidence): string {
  return sha256Hex(canonical(evidence));
}

/** What the people who signed were shown, by the recorded values: each of their decisions names this hash. */
export function shownOf(
  evidence: Evidence,
  question: Pick<Proposal, 'action' | 'args'> & Pick<Shown, 'undo'>,
) {
  const { policy, rung, words, requester, requesterProof, by, phrase, risk, preview, plan, callback } =
    evidence;
  const { action, args, undo } = question;
  return shownHash({
    proposal: { ...words, action, args },
    requester,
    requesterProof,
    by,
    policy,
    level: levelAt(policy, rung).name,
    phrase,
    risk,
    preview,
    undo,
    plan,
    callback,
  });
}
