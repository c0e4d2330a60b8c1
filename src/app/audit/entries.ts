/** The entries of one workflow as the store has them, and whether their chain holds. */
import { checkChain } from '../../domain/chain';
import type { Root } from '../../domain/digest';
import { parsed } from '../../domain/entry';
import { commandOn } from '../../domain/paste';
import { AppError } from '../errors';
import type { AuditRecord, Ports, RecordReader } from '../ports';
import { byRun } from './range';

export interface EntriesSeen {
  readonly entries: readonly AuditRecord[];
  /** What does not hold, in a sentence; undefined where all of it does. */
  readonly trouble?: string;
  /** Entries beside the longest way, left by attempts that were cut off or by runs before a reset. */
  readonly branches: number;
}

/** @throws AppError NOT_FOUND, which says where it is told of instead */
export async function entriesOf({ record }: Pick<Ports, 'record'>, workflowId: string): Promise<EntriesSeen> {
  const entries = await record.entries(workflowId);
  if (entries.length === 0)
    throw new AppError(
      'NOT_FOUND',
      `the store holds no entries of ${workflowId}; ${await elsewhere(record, workflowId)}`,
    );
  const verdicts = byRun(entries).flatMap((run) => run.slice(0, 1).map((root) => checkChain(root, run, [])));
  const trouble = verdicts.flatMap(({ faults }) => faults)[0]?.message;
  const branches = verdicts.reduce((sum, verdict) => sum + verdict.branches, 0);
  return { entries, branches, ...(trouble === undefined ? {} : { trouble }) };
}

/** Of a workflow that was terminated only reconciliation tells, in its own chain. */
async function elsewhere(record: RecordReader, workflowId: string): Promise<string> {
  for await (const chain of record.chains())
    for (const { workflowId: by, seq, meta, text } of chain) {
      if (meta.type !== 'found-ended') continue;
      const { of, status } = parsed(text);
      if ((of as Partial<Root> | null | undefined)?.workflowId === workflowId)
        return `Temporal ended it without a word of its own (${String(status)}), as entry ${String(seq)} of ${by} tells: \`${commandOn('audit show', by)}\``;
    }
  return 'they are stored before the effect and at the end, and of one that was terminated `countersign reconcile` records it in its own chain';
}
