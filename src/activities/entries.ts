/** What the executor takes from the record of a gate. An entry whose text is not that of its hash says nothing. */
import { ApplicationFailure } from '@temporalio/activity';
import { evidenceHash } from '../domain/gate/evidence';
import { parseDecision } from '../domain/gate/decision';
import type { Root } from '../domain/digest';
import { factIn, type StoredEntry } from '../domain/entry';
import type { Heard } from '../domain/heard';
import type { Execution } from './types';

/** An entry with the chain that it stands in. */
export type Stored = Root & StoredEntry;

/** The entries of a chain, or, without a first run, those of every chain of a workflow id. */
export type Entries = (chain: Pick<Root, 'workflowId'> & Partial<Root>) => Promise<readonly Stored[]>;

export type Fact = Readonly<Record<string, unknown>>;

export const factOf = (entry: Stored): Fact => factIn(entry, entry);

const refused = (code: string, message: string) => ApplicationFailure.nonRetryable(message, code);

/** Outcomes that take an approval back. */
const VOID = ['cancelled', 'expired', 'rejected', 'answered'];

/**
 * The store has the approval, of this very digest and evidence, and nothing behind it that takes it back.
 * @param entries of the chain that the approval stands in
 * @throws ApplicationFailure NO_EVIDENCE, EVIDENCE_MISMATCH, APPROVAL_VOID
 */
export function approvedOnRecord(
  { digest, evidence, approval }: Execution,
  entries: readonly Stored[],
): void {
  const found = entries.find(({ seq, hash }) => seq === evidence.seq && hash === evidence.hash);
  const fact = found === undefined ? undefined : factOf(found);
  if (fact?.['type'] !== 'approved' || fact['digest'] !== digest)
    throw refused('NO_EVIDENCE', 'the audit store holds no approval of this digest');
  if (fact['evidence'] !== evidenceHash(approval))
    throw refused('EVIDENCE_MISMATCH', 'what stands behind the approval is not what was put on record');
  for (let heads = [evidence.hash]; heads.length > 0;) {
    const next = entries.filter(({ prev }) => heads.includes(prev));
    const end = next
      .map(factOf)
      .find((one) => one['type'] === 'closed' && VOID.includes(String(one['outcome'])));
    if (end !== undefined)
      throw refused('APPROVAL_VOID', `after the approval the gate was closed: ${String(end['outcome'])}`);
    heads = next.map(({ hash }) => hash);
  }
}

/** Digests of a gate's revisions from one on, over all branches of its record. */
export function digestsFrom(entries: readonly Stored[], { gate, revision, digest }: Execution): Set<string> {
  const later = entries
    .map(factOf)
    .filter(
      (fact) =>
        (fact['type'] === 'opened' || fact['type'] === 'revised') &&
        fact['gate'] === gate &&
        Number(fact['revision']) >= revision,
    )
    .map((fact) => String(fact['digest']));
  return new Set([digest, ...later]);
}

/** The decisions that were admitted, over all branches. */
export function decidedIn(entries: readonly Stored[]): Heard[] {
  return entries.flatMap((entry) => {
    const fact = factOf(entry);
    if (fact['type'] !== 'decided') return [];
    const parsed = parseDecision(fact['decision']);
    if (!parsed.ok) return [];
    const { level } = fact;
    const at = Date.parse(entry.meta.at);
    return [{ decision: parsed.decision, at, ...(typeof level === 'string' ? { level } : {}) }];
  });
}

/** The first runs of a level's workflow, as the record of whoever asked it has them. */
export function runsOpened(workflowId: string, entries: readonly Stored[]): string[] {
  return entries.map(factOf).flatMap(({ type, child }) => {
    const opened = child as Partial<Root> | null | undefined;
    if (type !== 'level-opened' || opened?.workflowId !== workflowId) return [];
    return typeof opened.firstRunId === 'string' ? [opened.firstRunId] : [];
  });
}

/** Hashes of what was shown, by the digest that they were shown for, and where it is named by the revision. */
export function shownIn(
  entries: readonly Stored[],
): (digest: string, revision?: number) => readonly string[] {
  const facts = entries.map(factOf).filter(({ type }) => type === 'opened' || type === 'revised');
  return (digest, revision) =>
    facts
      .filter((fact) => fact['digest'] === digest)
      .filter((fact) => revision === undefined || fact['revision'] === revision)
      .flatMap((fact) => (typeof fact['shown'] === 'string' ? [fact['shown']] : []));
}
