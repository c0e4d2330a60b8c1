/** `countersign dataset`: what people decided, as rows to train and evaluate with. */
import { AppError } from '../../app/errors';
import { dataset as rowsOf } from '../../app/feedback/learned';
import { writeFileSync } from 'node:fs';
import { Option } from '@commander-js/extra-typings';
import { messageOf } from '../../domain/message';
import { command, examples, withRecord, type Deps } from '../command';
import { jsonLine, visibleLine } from '../output';

export const dataset = (deps: Deps) =>
  command('dataset', 'approvals, edits and rejections as JSON lines, to train and evaluate with')
    .addOption(
      new Option('--format <format>', 'what each line is')
        .choices(['preference', 'evaluation'] as const)
        .default('preference' as const),
    )
    .option('--action <name>', 'of this action alone')
    .option('--pairs', 'of preference: only lines that have both, chosen and rejected')
    .option('--out <file>', 'into a file, in place of stdout')
    .addHelpText(
      'after',
      '\nRead from the audit store. preference: the task (prompt), what people wanted (chosen: edited, approved or answered) and what they did\n' +
        'not take (rejected, with their comment); either is null where there is none. evaluation: each version that people decided on, with\n' +
        'label true where it was approved as it was. Lines hold tasks, args and comments as they are: see who may read them.\n' +
        examples(
          'countersign dataset --pairs --out preference.jsonl',
          'countersign dataset --format evaluation --action refund',
        ),
    )
    .action(async ({ format, action, pairs = false, out, json }) => {
      if (pairs && format !== 'preference')
        throw new AppError('INVALID_INPUT', '--pairs is of preference: evaluation has no pairs');
      const rows = await withRecord(deps, (record) => rowsOf({ record }, { format, action, pairs }));
      const lines = rows.map(jsonLine).join('');
      if (out === undefined) {
        deps.streams.out(lines);
        return;
      }
      try {
        writeFileSync(out, lines, { mode: 0o600 });
      } catch (error) {
        throw new AppError('INVALID_INPUT', `--out: cannot write ${out}: ${messageOf(error)}`);
      }
      const count = rows.length;
      if (json) deps.streams.out(jsonLine({ file: out, lines: count }));
      else deps.streams.out(`${String(count)} lines in ${visibleLine(out)}\n`);
    });
