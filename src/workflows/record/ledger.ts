/**
 * The workflow's hand on the audit: it numbers and chains facts as they happen, and brings pending entries to the
 * store. Records before effects: while the store is down nothing executes; the workflow waits and says so.
 */
import { ActivityFailure, ApplicationFailure, condition } from '@temporalio/workflow';
import type { Execution, Judged } from '../../activities/types';
import {
  append,
  openChain,
  recorded,
  seeded,
  type AuditEntry,
  type Chain,
  type Fact,
} from '../../domain/audit';
import type { Root } from '../../domain/digest';
import { isSeed } from '../../domain/entry';
import { instant } from '../../domain/gate';
import type { AuditHead } from '../../domain/packet';
import { record, seed as newSeed } from '../runtime/activities';
import { moment, now, type Moment } from '../runtime/replay-clock';
import { meterFact } from '../runtime/metrics';

/** After so many refusals they are counted, not told one by one: a flood must not grow the record without bound. */
const TOLD = 100;
const BATCH = 100;
const LONGEST_WAIT = 5 * 60_000;

/** All of a ledger, as it crosses continue-as-new. */
export interface LedgerState {
  readonly chain: Chain;
  readonly told: number;
  readonly counted: number;
  readonly lasts: Partial<Record<Fact['type'], AuditHead>>;
}

/** How it is stored, beside that it is. */
export interface Storing {
  /** An instant at which `called` is asked again. */
  readonly latest?: number | undefined;
  /** An approval that is gone through as the executor would, once everything is stored; asked for when its entry has a hash. */
  readonly judge?: (() => Execution) | undefined;
  /** It is another worker's to run: what is to be called, and the permit for it, is the answer. */
  readonly dispatch?: boolean | undefined;
  /** The executor judges it itself, just before the effect: only which histories are gone is asked. */
  readonly executes?: boolean | undefined;
  /** The store is asked whether it has all of it, also where there is nothing more to be stored. */
  readonly sure?: boolean;
}

export interface Ledger {
  /** Who is told when the store does not take what it is given, and again, with undefined, when it does. */
  watch(waiting: (reason: string | undefined) => void): void;
  note(fact: Fact): void;
  /** What the salts are made of, from the first activity that answers with some: the first one counts. What was noted before is hashed then. */
  seeded(seed: string | undefined): void;
  /** A refusal, a repeat, a stray signal: told up to a number, then counted. */
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
   * Resolves once everything noted so far is stored, or `called` says that it no longer matters.
   * @throws ApplicationFailure where the approval that is judged does not hold
   */
  store(called?: () => boolean, how?: Storing): Promise<Judged | undefined>;
}

export function openLedger(root: Root, gate: string, carried?: LedgerState): Ledger {
  let waiting: (reason: string | undefined) => void = () => undefined;
  let chain: Chain = carried?.chain ?? openChain(root);
  let told = carried?.told ?? 0;
  let counted = carried?.counted ?? 0;
  const lasts: Partial<Record<Fact['type'], AuditHead>> = { ...carried?.lasts };
  /**
   * What this run has stored, to be stored again where the store turns out to lack it: in a task that the server breaks off again and
   * again, an attempt may have stored entries with times that a later replay does not come to any more.
   */
  let stored: readonly AuditEntry[] = [];

  const grown = (next: Chain) => {
    for (const { seq, hash, meta } of next.pending.slice(chain.pending.length))
      lasts[meta.type as Fact['type']] = { entries: seq, head: hash };
    chain = next;
  };
  /** Hashed as late as can be: a local activity in the same workflow task may yet bring back another time for them. */
  let fresh: readonly { readonly fact: Fact; readonly when: Moment }[] = [];
  let latest = 0;
  const note = (fact: Fact) => {
    meterFact(fact, true);
    fresh = [...fresh, { fact, when: moment() }];
  };
  const settled = (): Chain => {
    const facts = fresh;
    fresh = [];
    for (const { fact, when } of facts) {
      latest = Math.max(latest, when.at);
      grown(append(chain, fact, instant(latest)));
    }
    return chain;
  };
  const seed = (given: string | undefined) => {
    if (isSeed(given)) grown(seeded(chain, given));
  };

  return {
    watch(watcher) {
      waiting = watcher;
    },
    note,
    seeded: seed,
    noteBounded(fact) {
      if (told < TOLD) {
        told += 1;
        note(fact);
      } else {
        counted += 1;
        meterFact(fact, false);
      }
    },
    pending: () => chain.pending.length + unhashed(chain) + fresh.length,
    chain: settled,
    taken(hashes, given) {
      const { pending } = settled();
      // Otherwise they were given by earlier code, in whose words the same facts had other hashes.
      const ours = given.pending.every(({ hash }) => hashes.includes(hash));
      const left = ours ? pending.filter(({ hash }) => !hashes.includes(hash)) : pending.slice(hashes.length);
      stored = [...stored, ...pending.filter((entry) => !left.includes(entry))];
      chain = { ...chain, pending: left };
    },
    state: () => ({ chain: settled(), told, counted, lasts: { ...lasts } }),
    head() {
      const { seq, head } = settled();
      return { entries: seq, head };
    },
    last(type) {
      settled();
      return lasts[type];
    },
    async store(called = () => false, how = {}) {
      const {
        latest = Number.POSITIVE_INFINITY,
        judge,
        dispatch = false,
        executes = false,
        sure = false,
      } = how;
      const judging = () =>
        judge === undefined
          ? {}
          : { judge: judge(), ...(dispatch ? { dispatch } : {}), ...(executes ? { executes } : {}) };
      let judged: Judged | undefined;
      if (counted > 0) {
        note({ type: 'refusals-counted', gate, count: counted });
        counted = 0;
      }
      let wait = 1_000;
      let owed = judge !== undefined || (sure && stored.length > 0);
      let until = chain.seed === undefined ? Number.POSITIVE_INFINITY : settled().seq;
      const left = () => batch(chain, until);
      const unstored = () =>
        chain.seed === undefined ? unhashed(chain) + fresh.length > 0 : left().length > 0;
      while ((unstored() || owed) && !called()) {
        try {
          if (chain.seed === undefined) seed(await newSeed(undefined));
          until = Math.min(until, settled().seq);
          const entries = left();
          const last = entries.length === 0 || entries.at(-1)?.seq === until;
          // Otherwise the store looks for the entry that these follow itself.
          const after = entries.length === 0 ? { seq: chain.seq, hash: chain.head } : undefined;
          const answer = await record({ root, entries, after, ...(last ? judging() : {}) });
          const missing = answer !== undefined && 'missing' in answer;
          if (missing && stored.length === 0) throw new Error(LACKING);
          waiting(undefined);
          wait = 1_000;
          if (missing) {
            chain = { ...chain, pending: [...stored, ...chain.pending] };
            stored = [];
            continue;
          }
          stored = [...stored, ...entries];
          chain = recorded(chain, entries.at(-1)?.seq ?? 0);
          owed &&= !last;
          judged ??= answer;
        } catch (error) {
          if (judge !== undefined && !executes && final(error)) throw error;
          // The activity's own error names the store's trouble in the history and the worker's log.
          waiting(`${trouble(error)} (next try in ${String(wait / 1000)} s)`);
          await condition(called, Math.max(1, Math.min(wait, latest - now())));
          wait = Math.min(wait * 2, LONGEST_WAIT);
        }
      }
      return judged;
    },
  };
}

/** Where the store has a record that this workflow's own state does not know, and goes on with. */
export function openLedgerAt(root: Root, gate: string, { entries: seq, head }: AuditHead): Ledger {
  const state = openLedger(root, gate).state();
  return openLedger(root, gate, { ...state, chain: { ...state.chain, seq, head } });
}

/** What the run before has stored is only in the store: an older copy that was put back cannot be filled up again. */
const LACKING =
  'lacks an entry that an earlier run of this workflow has stored; put the newer copy of it back';

/** In words, for people who wait: what the store said, or that it did not. */
function trouble(error: unknown): string {
  const inner = error instanceof ActivityFailure ? error.cause : error;
  if (inner instanceof ApplicationFailure && inner.type === 'WORKER_KEY_NOT_LISTED')
    return `${inner.message}; nothing executes until then`;
  if (final(error) && inner instanceof Error)
    return `the audit store does not take it: ${inner.message}; nothing executes until it does`;
  if (inner instanceof Error && inner.message === LACKING)
    return `the audit store ${LACKING}: nothing executes until then`;
  return 'the audit store does not answer; nothing executes until it does';
}

function unhashed({ noted = [] }: Chain): number {
  return noted.length;
}

/** Not the store's trouble, which passes: the approval does not hold. */
function final(error: unknown): boolean {
  const inner = error instanceof ActivityFailure ? error.cause : error;
  return inner instanceof ApplicationFailure && inner.nonRetryable === true;
}

function batch(chain: Chain, until: number) {
  return chain.pending.filter((entry) => entry.seq <= until).slice(0, BATCH);
}
