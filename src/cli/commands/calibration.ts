/** `countersign calibration`: whether the confidence that is stated can be gone by. */
import { AppError } from '../../app/errors';
import { calibration as calibrated } from '../../app/feedback/learned';
import { writeFileSync } from 'node:fs';
import { InvalidArgumentError } from '@commander-js/extra-typings';
import type { Bin, Calibration } from '../../domain/calibration';
import { messageOf } from '../../domain/message';
import { figure, picture } from '../calibration-picture';
import { command, examples, withRecord, type Deps } from '../command';
import { jsonLine, visibleLine } from '../output';
import { tabled } from '../table';

export const calibration = (deps: Deps) =>
  command('calibration', 'confidence beside what people decided, and a threshold')
    .option('--action <name>', 'of this action alone')
    .option('--picture <file.svg>', 'draws it as well', svg)
    .addHelpText(
      'after',
      '\nRead from the audit store: what an agent (or a caller) proposed, how sure it said it was, and whether people approved it as it was, edited\n' +
        'it, or did not take it. The threshold is the lowest confidence from which on 95 % were approved as they were, of 20 or more.\n' +
        examples(
          'countersign calibration --action refund',
          'countersign calibration --picture calibration.svg --json',
        ),
    )
    .action(async ({ action, picture: file, json }) => {
      const found = await withRecord(deps, (record) => calibrated({ record }, { action }));
      if (file !== undefined)
        try {
          writeFileSync(file, picture(found));
        } catch (error) {
          throw new AppError('INVALID_INPUT', `--picture: cannot write ${file}: ${messageOf(error)}`);
        }
      if (json) deps.streams.out(jsonLine({ ...found, ...(file === undefined ? {} : { picture: file }) }));
      else
        deps.streams.out(
          `${calibrationText(deps, found)}${file === undefined ? '' : `drawn in ${visibleLine(file)}\n`}`,
        );
    });

function svg(file: string): string {
  if (/\.svg$/i.test(file)) return file;
  throw new InvalidArgumentError('What is drawn is SVG: give a file whose name ends in .svg.');
}

const HEAD = ['confidence', 'approved as it was', 'edited', 'rejected', 'of', 'share'];

function calibrationText(deps: Deps, { bins, decided, error, threshold, why }: Calibration): string {
  if (decided === 0) return 'nobody has decided on anything yet\n';
  const rows = bins.filter(({ of }) => of > 0).map(row);
  const proposed =
    threshold === undefined
      ? (why ?? '')
      : `threshold ${figure(threshold.confidence)}: of ${String(threshold.of)} that were at least that sure, ${percent(threshold.share)} were approved as they were`;
  return [
    tabled(deps, HEAD, rows),
    `${String(decided)} decided; the confidence is off by ${figure(error ?? 0)} on average`,
    proposed,
    '',
  ].join('\n');
}

function row({ from, to, approved, edited, rejected, of, share = 0 }: Bin): string[] {
  return [`${figure(from)}–${figure(to)}`, ...[approved, edited, rejected, of].map(String), percent(share)];
}

/** Never rounded up to all of them. */
function percent(share: number): string {
  return `${String(Math.floor(share * 1_000 + 1e-9) / 10)} %`;
}
