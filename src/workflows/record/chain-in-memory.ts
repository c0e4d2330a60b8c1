/** A workflow's chain of audit entries as it grows in its memory, with what of it the store holds. */
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
import { meterFact } from '../runtime/metrics';
import { moment, type Moment } from '../runtime/replay-clock';

/** After so many refusals they are counted, not noted one by one: a flood must not grow the record without bound. */
const MOST_NOTED = 100;
/** Entries of one call of the store. */
const BATCH = 100;

/** As it crosses continue-as-new. */
export interface ChainState {
  readonly chain: Chain;
  /** Refusals, repeats and stray signals that are noted, and those that are only counted. */
  readonly told: number;
  readonly counted: number;
  readonly lasts: Partial<Record<Fact['type'], AuditHead>>;
}

interface Noted {
  readonly fact: Fact;
  readonly when: Moment;
}

export class ChainInMemory {
  #chain: Chain;
  #told: number;
  #counted: number;
  readonly #lasts: Partial<Record<Fact['type'], AuditHead>>;
  /** Hashed as late as can be: a local activity in the same workflow task may yet bring back another time for them. */
  #fresh: readonly Noted[] = [];
  /** When the last entry was noted: times on the chain never go back. */
  #latest = 0;
  /**
   * What this run has stored, to be stored again where the store turns out to lack it: in a task that the server breaks off again and
   * again, an attempt may have stored entries with times that a later replay does not come to any more.
   */
  #stored: readonly AuditEntry[] = [];

  constructor(root: Root, carried?: ChainState) {
    this.#chain = carried?.chain ?? openChain(root);
    this.#told = carried?.told ?? 0;
    this.#counted = carried?.counted ?? 0;
    this.#lasts = { ...carried?.lasts };
  }

  note(fact: Fact): void {
    meterFact(fact, true);
    this.#fresh = [...this.#fresh, { fact, when: moment() }];
  }

  noteBounded(fact: Fact): void {
    if (this.#told < MOST_NOTED) {
      this.#told += 1;
      this.note(fact);
    } else {
      this.#counted += 1;
      meterFact(fact, false);
    }
  }

  /** Of what was only counted since the last time: how many. */
  noteCounted(gate: string): void {
    if (this.#counted === 0) return;
    this.note({ type: 'refusals-counted', gate, count: this.#counted });
    this.#counted = 0;
  }

  seed(given: string | undefined): void {
    if (isSeed(given)) this.#become(seeded(this.#chain, given));
  }

  isSeeded(): boolean {
    return this.#chain.seed !== undefined;
  }

  /** With every fact that is noted as an entry. */
  chain(): Chain {
    const facts = this.#fresh;
    this.#fresh = [];
    for (const { fact, when } of facts) {
      this.#latest = Math.max(this.#latest, when.at);
      this.#become(append(this.#chain, fact, instant(this.#latest)));
    }
    return this.#chain;
  }

  #become(next: Chain): void {
    for (const { seq, hash, meta } of next.pending.slice(this.#chain.pending.length))
      this.#lasts[meta.type as Fact['type']] = { entries: seq, head: hash };
    this.#chain = next;
  }

  /** Number and hash of the last entry of a kind. */
  last(type: Fact['type']): AuditHead | undefined {
    this.chain();
    return this.#lasts[type];
  }

  /** Entries, and facts that are none yet, that the store does not hold. */
  pending(): number {
    return this.#chain.pending.length + this.#unhashed();
  }

  #unhashed(): number {
    return (this.#chain.noted ?? []).length + this.#fresh.length;
  }

  /** The next entries to be stored, none beyond the number `until`. */
  batch(until: number): readonly AuditEntry[] {
    return this.#chain.pending.filter(({ seq }) => seq <= until).slice(0, BATCH);
  }

  /** Whether the store is to be given anything up to the number `until`. Without a seed nothing is hashed yet, and all of it is. */
  hasUnstored(until: number): boolean {
    return this.isSeeded() ? this.batch(until).length > 0 : this.#unhashed() > 0;
  }

  /** Whether this run has stored anything. */
  hasStored(): boolean {
    return this.#stored.length > 0;
  }

  markStored(entries: readonly AuditEntry[]): void {
    this.#stored = [...this.#stored, ...entries];
    this.#chain = recorded(this.#chain, entries.at(-1)?.seq ?? 0);
  }

  /** What this run has stored is pending again; false where there is nothing of the kind. */
  restore(): boolean {
    if (!this.hasStored()) return false;
    this.#chain = { ...this.#chain, pending: [...this.#stored, ...this.#chain.pending] };
    this.#stored = [];
    return true;
  }

  /**
   * Somebody else has stored entries.
   * @param hashes of what the store has
   * @param given the chain as it was given to be stored
   */
  taken(hashes: readonly string[], given: Chain): void {
    const { pending } = this.chain();
    // Otherwise they were given by earlier code, in whose words the same facts had other hashes.
    const ours = given.pending.every(({ hash }) => hashes.includes(hash));
    const left = ours ? pending.filter(({ hash }) => !hashes.includes(hash)) : pending.slice(hashes.length);
    this.#stored = [...this.#stored, ...pending.filter((entry) => !left.includes(entry))];
    this.#chain = { ...this.#chain, pending: left };
  }

  state(): ChainState {
    return { chain: this.chain(), told: this.#told, counted: this.#counted, lasts: { ...this.#lasts } };
  }
}
