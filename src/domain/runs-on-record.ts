/**
 * What the record of one first run knows of its later runs: which of them were checked, and which gates are closed. A workflow's name and
 * first run stay the same over all of its runs, and with them the digests and keys of its gates.
 */
import type { Fact } from './audit';
import type { Root } from './digest';
import { factIn, type StoredEntry } from './entry';

type Stored = Root & StoredEntry;

/** Ids of the runs that were found to go on with one of ours. */
export function checkedRuns(entries: readonly Stored[]): string[] {
  return entries.map(factOf).flatMap((fact) => (fact.type === 'continued' ? (fact.runId ?? []) : []));
}

/** Each gate that was opened and closed, by name, with when it was closed: on the trunk and on every branch of it. */
export function closedGates(entries: readonly Stored[]): { readonly gate: string; readonly at: string }[] {
  const byHash = new Map(entries.map((one) => [one.hash, one]));
  const openedBefore = (end: Stored): string | undefined => {
    for (let one = byHash.get(end.prev); one !== undefined; one = byHash.get(one.prev)) {
      const fact = factOf(one);
      if (fact.type === 'opened') return fact.gate;
      if (fact.type === 'closed') return undefined;
    }
    return undefined;
  };
  return entries.flatMap((one) => {
    const { type } = factOf(one);
    const gate = type === 'closed' ? openedBefore(one) : undefined;
    return gate === undefined ? [] : [{ gate, at: one.meta.at }];
  });
}

/** A damaged entry tells nothing here; whoever verifies the record names it. */
function factOf(entry: Stored): Partial<Fact> {
  return factIn(entry, entry);
}
