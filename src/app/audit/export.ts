/** The rows of the record as they are, chain after chain, for whoever verifies or keeps them without us. */
import { canonical } from '../../domain/digest';
import { AppError } from '../errors';
import type { AuditRecord, Ports } from '../ports';
import { chainsOf, within, type Range } from './range';

export interface ExportInput {
  /** Of one workflow; else all. */
  readonly workflowId?: string | undefined;
  readonly range: Range;
}

export interface Exported {
  readonly chains: number;
  readonly entries: number;
  /** Nobody took any more. */
  readonly stopped: boolean;
}

/**
 * @param take one whole chain; false where no more is wanted, before it is taken
 * @throws AppError NOT_FOUND where a workflow was named, and the store holds nothing of it
 */
export async function exportRecord(
  { record }: Pick<Ports, 'record'>,
  { workflowId, range }: ExportInput,
  take: (rows: readonly AuditRecord[]) => Promise<boolean>,
): Promise<Exported> {
  const sum = { chains: 0, entries: 0 };
  for await (const rows of chainsOf(record, workflowId)) {
    if (!within(rows, range)) continue;
    if (!(await take(rows))) return { ...sum, stopped: true };
    sum.chains += 1;
    sum.entries += rows.length;
  }
  const { from, to } = range;
  if (workflowId !== undefined && sum.chains === 0)
    throw new AppError(
      'NOT_FOUND',
      `the store holds no entries of ${workflowId}${(from ?? to) ? ' in that time' : ''}`,
    );
  return { ...sum, stopped: false };
}

export const COLUMNS = [
  'workflow_id',
  'first_run_id',
  'seq',
  'hash',
  'prev',
  'meta',
  'commit',
  'text',
] as const;

/** A row by its columns' names, in their order; `text` is null where it was erased. */
export function columns({ workflowId, firstRunId, seq, hash, prev, meta, commit, text }: AuditRecord) {
  return {
    workflow_id: workflowId,
    first_run_id: firstRunId,
    seq,
    hash,
    prev,
    meta,
    commit,
    text: text ?? null,
  } satisfies Record<(typeof COLUMNS)[number], unknown>;
}

/** RFC 4180; a cell that a spreadsheet would compute is text to it behind an apostrophe. */
export function csvRow(row: AuditRecord): string {
  const cells = Object.values({ ...columns(row), meta: canonical(row.meta), text: row.text ?? '' }).map(
    (value) => {
      const cell = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
      return `"${cell.replaceAll('"', '""')}"`;
    },
  );
  return `${cells.join(',')}\r\n`;
}
