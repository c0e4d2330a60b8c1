/** Chains of the record: of one workflow or of all, and those with an entry in a span of time, each whole, since a part of a chain proves nothing. */
import type { AuditRecord, RecordReader } from '../ports';

export interface Range {
  /** Milliseconds since 1970; it belongs to it. */
  readonly from?: number | undefined;
  /** It does not belong to it. */
  readonly to?: number | undefined;
}

export function within(rows: readonly AuditRecord[], { from = -Infinity, to = Infinity }: Range): boolean {
  if (from === -Infinity && to === Infinity) return true;
  return rows.some(({ meta }) => {
    const at = Date.parse(meta.at);
    // What does not tell its time any more is never left out.
    return Number.isNaN(at) || (at >= from && at < to);
  });
}

/** @param workflowId of one; else all */
export async function* chainsOf(
  record: Pick<RecordReader, 'chains' | 'entries'>,
  workflowId: string | undefined,
): AsyncGenerator<AuditRecord[]> {
  if (workflowId === undefined) {
    yield* record.chains();
    return;
  }
  yield* byRun(await record.entries(workflowId));
}

/** Entries of one workflow, by the first run of each chain. */
export function byRun(entries: readonly AuditRecord[]): AuditRecord[][] {
  return [...new Set(entries.map(({ firstRunId }) => firstRunId))].map((run) =>
    entries.filter(({ firstRunId }) => firstRunId === run),
  );
}
