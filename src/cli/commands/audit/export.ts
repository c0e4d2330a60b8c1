/** `countersign audit export`: the rows of the record as they are, for whoever verifies or keeps them without us. */
import { open, writeFile, type FileHandle } from 'node:fs/promises';
import { Option } from '@commander-js/extra-typings';
import { columns, COLUMNS, csvRow, exportRecord } from '../../../app/audit/export';
import type { AuditRecord } from '../../../app/ports';
import { command, examples, withRecord, type Deps } from '../../command';
import { jsonLine } from '../../output';
import { inOrder, instant } from './range';

export const exportEntries = (deps: Deps) =>
  command('export', 'the record as it stands in the store, chain after chain, as JSON lines or CSV')
    .argument('[workflow id]', 'of one workflow; else all')
    .addOption(
      new Option('--format <format>', 'how').choices(['jsonl', 'csv'] as const).default('jsonl' as const),
    )
    .option('--from <instant>', 'chains with an entry at or after it, each whole', instant)
    .option('--to <instant>', 'chains with an entry before it, each whole', instant)
    .option('--out <file>', 'write there instead of to stdout; a file that is there is replaced')
    .option('--configurations <file>', 'write the files that workers went by there, as JSON lines')
    .addHelpText(
      'after',
      `\nA row holds workflow_id, first_run_id, seq, hash, prev, meta (type and time), commit and text. The SHA-256 of the text is the commit, that of the canonical JSON of [workflow_id, first_run_id, seq, prev, meta, commit] the hash; text is null where it was erased.
In CSV a cell that begins with =, +, -, @, a tab or a carriage return has an apostrophe before it, so that no spreadsheet computes it; JSON lines are exact.\n${examples(
        'countersign audit export --out record.jsonl',
        'countersign audit export refund-1042 --format csv',
        'countersign audit export --from 2026-03-01 --to 2026-04-01 --out march.jsonl',
      )}`,
    )
    .action((workflowId, { format, out, configurations, ...flags }) => {
      const range = inOrder(flags);
      return withRecord(deps, async (record) => {
        if (configurations !== undefined)
          await writeFile(
            configurations,
            (await record.configurations()).map((row) => jsonLine(row)).join(''),
          );
        const write = await destination(deps, out);
        const line = format === 'csv' ? csvRow : (row: AuditRecord) => jsonLine(columns(row));
        try {
          if (format === 'csv') await write.text(`${COLUMNS.join(',')}\r\n`);
          const sum = await exportRecord({ record }, { workflowId, range }, async (rows) => {
            if (deps.streams.unread.aborted) return false;
            await write.text(rows.map(line).join(''));
            return true;
          });
          if (!sum.stopped)
            deps.streams.err(`${String(sum.entries)} entries in ${String(sum.chains)} chains\n`);
        } finally {
          await write.close();
        }
      });
    });

async function destination(
  { streams }: Deps,
  out: string | undefined,
): Promise<{ text(text: string): Promise<void>; close(): Promise<void> }> {
  if (out === undefined)
    return {
      text: (text) => {
        streams.out(text);
        // A pipe that is read slowly gets a chance to be read.
        return new Promise((resolve) => setImmediate(resolve));
      },
      close: () => Promise.resolve(),
    };
  const file: FileHandle = await open(out, 'w');
  return {
    text: (text) => file.appendFile(text),
    async close() {
      await file.sync();
      await file.close();
    },
  };
}
