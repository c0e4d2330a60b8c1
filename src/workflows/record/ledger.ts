/**
 * The workflow's hand on the audit: it numbers and chains facts as they happen, and brings pending entries to the
 * store. Records before effects: while the store is down nothing executes; the workflow waits and says so.
 */
import type { Judged } from '../../activities/types';
import type { Chain, Fact } from '../../domain/audit';
import type { Root } from '../../domain/digest';
import type { AuditHead } from '../../domain/packet';
import { ChainInMemory, type ChainState } from './chain-in-memory';
import { storePending, type Storing } from './store-pending';

/** All of a ledger, as it crosses continue-as-new. */
export type LedgerState = ChainState;

export interface Ledger {
  /** Who is told when the store does not take what it is given, and again, with undefined, when it does. */
  watch(watcher: (reason: string | undefined) => void): void;
  note(fact: Fact): void;
  /** What the salts are made of, from the first activity that answers with some: the first one counts. What was noted before is hashed then. */
  seeded(seed: string | undefined): void;
  /** A refusal, a repeat, a stray signal: noted up to a number, then counted. */
  noteBounded(fact: Fact): void;
  /** Entries that the store does not hold yet. */
  pending(): number;
  /** The chain, its pending entries to be stored by somebody else, who then tells the hashes of what the store has. */
  chain(): Chain;
  /** @param given the chain as it was given to be stored */
  taken(hashes: readonly string[], given: Chain): void;
  /** For the next run. */
  state(): LedgerState;
  /** The last entry's number and hash. */
  head(): AuditHead;
  /** Number and hash of the last entry of a kind. */
  last(type: Fact['type']): AuditHead | undefined;
  /**
   * Resolves once everything noted so far is stored, or `isMoot` says that it no longer matters.
   * @throws ApplicationFailure where the approval that is judged does not hold
   */
  store(isMoot?: () => boolean, how?: Storing): Promise<Judged | undefined>;
}

export function openLedger(root: Root, gate: string, carried?: LedgerState): Ledger {
  const memory = new ChainInMemory(root, carried);
  let report: (reason: string | undefined) => void = () => undefined;
  return {
    watch(watcher) {
      report = watcher;
    },
    note: (fact) => memory.note(fact),
    seeded: (seed) => memory.seed(seed),
    noteBounded: (fact) => memory.noteBounded(fact),
    pending: () => memory.pending(),
    chain: () => memory.chain(),
    taken: (hashes, given) => memory.taken(hashes, given),
    state: () => memory.state(),
    head() {
      const { seq, head } = memory.chain();
      return { entries: seq, head };
    },
    last: (type) => memory.last(type),
    store(isMoot = () => false, how = {}) {
      memory.noteCounted(gate);
      return storePending(memory, root, { isMoot, report: (reason) => report(reason), ...how });
    },
  };
}

/** Where the store has a record that this workflow's own state does not know, and goes on with. */
export function openLedgerAt(root: Root, gate: string, { entries: seq, head }: AuditHead): Ledger {
  const state = openLedger(root, gate).state();
  return openLedger(root, gate, { ...state, chain: { ...state.chain, seq, head } });
}
