/**
 * What the record of one first run knows of its later runs: which of them were checked, and which gates are closed. A workflow's name and
 * first run stay the same over all of its runs, and with them the digests and keys of its gates.
 */
import type { AuditEntry, Fact } from './audit';

type Stored = Pick<AuditEntry, 'hash' | 'prev' | 'entry'>;
type Told = Partial<Fact> & { readonly at?: string };

/** Ids of the runs that were found to go on with one of ours. */
export function checkedRuns(entries: readonly Stored[]): string[] {
  return entries.map(factIn).flatMap((fact) => (fact.type === 'continued' ? (fact.runId ?? []) : []));
}

/** Each gate that was opened and closed, by name, with when it was closed: on the trunk and on every branch of it. */
export function closedGates(entries: readonly Stored[]): { readonly gate: string; readonly at: string }[] {
  const byHash = new Map(entries.map((one) => [one.hash, one]));
  const openedBefore = (end: Stored): string | undefined => {
    for (let one = byHash.get(end.prev); one !== undefined; one = byHash.get(one.prev)) {
      const fact = factIn(one);
      if (fact.type === 'opened') return fact.gate;
      if (fact.type === 'closed') return undefined;
    }
    return undefined;
  };
  return entries.flatMap((one) => {
    const { type, at = '' } = factIn(one);
    const gate = type === 'closed' ? openedBefore(one) : undefined;
    return gate === undefined ? [] : [{ gate, at }];
  });
}

function factIn({ entry }: Stored): Told {
  try {
    return (JSON.parse(entry) as Told | null) ?? {};
  } catch {
    return {}; // a damaged entry tells nothing here; whoever verifies the record names it
  }
}
