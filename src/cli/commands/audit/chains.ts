/** The chains of one workflow, or of all. */
import type { AuditRecord, AuditStore } from '../../../store/audit-store';

export async function* chainsOf(
  store: Pick<AuditStore, 'chains' | 'entries'>,
  workflowId: string | undefined,
): AsyncGenerator<AuditRecord[]> {
  if (workflowId === undefined) {
    yield* store.chains();
    return;
  }
  const entries = await store.entries(workflowId);
  for (const run of new Set(entries.map(({ firstRunId }) => firstRunId)))
    yield entries.filter(({ firstRunId }) => firstRunId === run);
}
