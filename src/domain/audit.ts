/**
 * The record: numbered facts, each holding the hash of the one before. The workflow computes the chain as it goes and
 * hands pending entries to the store; anybody can verify it from the entries alone.
 */
import { defined } from './defined';
import type { Root } from './digest';
import { entryOf, GENESIS, saltOf, type AuditEntry, type StoredEntry } from './entry';
import type { Decision } from './gate/decision';
import type { Generation } from './generation';
import type { Grade } from './grade';
import type { Basis } from './gate';
import type { EffectReceipt } from './permit';
import type { Refusal } from './gate/refusals';
import type { Proposal } from './proposal';
import type { Policy } from './policy';

/** How a decision's sender was authenticated. In open mode names are believed. */
export type Authentication = Grade;

/** What can be said. A fact is plain JSON, and says nothing of its own place: an entry adds where and when, and a salt. */
export type Fact =
  | {
      type: 'proposed';
      by: string;
      requester: string;
      task: string;
      proposal: Proposal;
      generation?: Generation;
    }
  | {
      type: 'proposal-failed';
      by: string;
      requester: string;
      task: string;
      code: string;
      message: string;
      generation?: Generation;
    }
  /** This run goes on with the one before, `from`. `gone`: who came before it nobody knows any more, so people were asked anew. */
  | { type: 'continued'; runId: string; from: string; gone?: string }
  /** Over a limit of gates that may be open at once. */
  | { type: 'queued'; gate: string; reason: string }
  | {
      type: 'opened';
      gate: string;
      revision: number;
      digest: string;
      policy: Policy;
      level: string;
      /** Absent at INFO: nobody is waited for. */
      deadline?: string;
      shown: string;
      /** SHA-256 of the reviewers directory that the gate goes by. */
      reviewers?: string;
      /** The rule that picked the policy. */
      rule?: string;
    }
  | {
      type: 'decided';
      gate: string;
      revision: number;
      /** Whose turn it was. */
      level: string;
      decision: Decision;
      via: Via;
      authentication: Authentication;
    }
  | {
      type: 'revised';
      gate: string;
      revision: number;
      digest: string;
      by: string;
      args: Proposal['args'];
      shown: string;
      /** Where another policy or level is asked than before. */
      policy?: Policy;
      level?: string;
      deadline?: string;
    }
  | {
      type: 'refused';
      gate: string;
      id?: string;
      reviewer?: string;
      verdict?: string;
      via: Via;
      code: Refusal['code'];
      message: string;
    }
  | { type: 'repeated'; gate: string; id: string; via: Via }
  | { type: 'refusals-counted'; gate: string; count: number }
  | { type: 'unknown-signal'; gate: string; name: string }
  | {
      type: 'approved';
      gate: string;
      revision: number;
      digest: string;
      level: string;
      signers: string[];
      action: string;
      key: string;
      basis: Basis;
      /** SHA-256 of the canonical evidence, which the executor goes through again. */
      evidence: string;
      /** SHA-256 of what takes it back, which was shown and approved with it. */
      undo?: string;
    }
  /** What was sent to people in these runs was not read before it was acted on: the server has their histories no more. */
  | { type: 'histories-gone'; gate: string; runs: string[] }
  | {
      type: 'escalated';
      gate: string;
      revision: number;
      from: string;
      to: string;
      reason: string;
    }
  | { type: 'level-opened'; gate: string; level: string; child: Root }
  | {
      type: 'level-ended';
      gate: string;
      level: string;
      child: string;
      outcome: string;
      reason?: string;
      /** Where the level's own chain ended. */
      audit?: { entries: number; head: string };
    }
  | {
      type: 'planned';
      requester: string;
      onReject: string;
      steps: string[];
      /** SHA-256 of the canonical argument. */
      plan: string;
    }
  | { type: 'step-opened'; step: string; child: Root }
  | {
      type: 'step-ended';
      step: string;
      child: string;
      outcome: string;
      reason?: string;
      digest?: string;
      /** Where the step's own chain ended. */
      audit?: { entries: number; head: string };
    }
  | { type: 'extended'; gate: string; level: string; deadline: string }
  | { type: 'reminded'; gate: string; level: string; nth: number }
  | { type: 'warned'; gate: string; level: string; deadline: string }
  | { type: 'notified'; gate: string; kind: string; to: string[]; id: string }
  | { type: 'not-notified'; gate: string; kind: string; id: string; message: string }
  | {
      type: 'found-ended';
      of: Root;
      runId: string;
      status: string;
      closedAt: string;
      reason?: string;
    }
  | { type: 'fork-explained'; of: Root; at: number[]; by: string }
  | { type: 'mismatch'; of: Root; problem: string }
  | { type: 'reconciled'; since: string; until: string; checked: number }
  | {
      type: 'executed';
      gate: string;
      key: string;
      /** SHA-256 of the canonical result. */
      result: string;
      /** `none`: another worker's word alone, which whoever may complete an activity can give. */
      receipt: EffectReceipt | 'none';
      /** The other worker's activity. */
      by?: { taskQueue: string; activity: string };
    }
  /** Our own executor has no receipt of what the activity answered: somebody else completed it. */
  | { type: 'completed-by-hand'; gate: string; key: string; result: string }
  | { type: 'closed'; outcome: string; reason?: string };

export type Via = 'signal' | 'update';

export { GENESIS, type AuditEntry, type StoredEntry } from './entry';

/** A fact that waits for the seed of its chain's salts. */
export interface Noted {
  readonly fact: Fact;
  readonly at: string;
}

export interface Chain {
  readonly root: Root;
  /** 128 bits that the salts are made of; absent until the first activity has answered. */
  readonly seed?: string;
  readonly seq: number;
  readonly head: string;
  /** Not yet in the store. */
  readonly pending: readonly AuditEntry[];
  /** Noted before there was a seed: they have no numbers and no hashes yet. */
  readonly noted?: readonly Noted[];
}

export function openChain(root: Root, seed?: string): Chain {
  return { root, ...defined({ seed }), seq: 0, head: GENESIS, pending: [] };
}

/** `at` is an ISO 8601 UTC instant. */
export function append(chain: Chain, fact: Fact, at: string): Chain {
  const { root, seed, head, noted = [] } = chain;
  if (seed === undefined) return { ...chain, noted: [...noted, { fact, at }] };
  const seq = chain.seq + 1;
  const entry = entryOf(root, fact, { seq, prev: head, at, salt: saltOf(seed, seq) });
  return { ...chain, seq, head: entry.hash, pending: [...chain.pending, entry] };
}

/** The first seed is the chain's for good; what was noted before is hashed with it. */
export function seeded(chain: Chain, seed: string): Chain {
  if (chain.seed !== undefined) return chain;
  const { noted = [], ...rest } = chain;
  return noted.reduce<Chain>((on, { fact, at }) => append(on, fact, at), { ...rest, seed });
}

/** After the store has taken everything up to `seq`. */
export function recorded(chain: Chain, seq: number): Chain {
  return { ...chain, pending: chain.pending.filter((entry) => entry.seq > seq) };
}

export interface Forked<Entry> {
  /** The chain that ends in the highest number; of several, in the one stored last. */
  readonly trunk: readonly Entry[];
  /** What branches off: of an attempt that was cut off after it had stored something, or of a run before a reset. */
  readonly branches: readonly Entry[];
}

/**
 * Two entries at one number are a fork. From the entries alone each branch can be seen to hold; which of them counts, the
 * head in the workflow's result says.
 * @param entries of one run, by number and then as they were stored
 */
export function forked<Entry extends Pick<StoredEntry, 'seq' | 'hash' | 'prev'>>(
  entries: readonly Entry[],
): Forked<Entry> {
  const trunk = new Set<Entry>();
  const last = entries.reduce<Entry | undefined>(
    (found, entry) => (found === undefined || entry.seq >= found.seq ? entry : found),
    undefined,
  );
  const place = (seq: number, hash: string) => `${String(seq)} ${hash}`;
  const byPlace = new Map(entries.map((entry) => [place(entry.seq, entry.hash), entry]));
  for (
    let entry = last;
    entry !== undefined && !trunk.has(entry);
    entry = byPlace.get(place(entry.seq - 1, entry.prev))
  )
    trunk.add(entry);
  return {
    trunk: entries.filter((entry) => trunk.has(entry)),
    branches: entries.filter((entry) => !trunk.has(entry)),
  };
}
