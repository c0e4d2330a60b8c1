/** `countersign audit verify`: whether the record holds, by itself, beside the checkpoints and beside Temporal. */
import { verifyRecord as verifiedBy, type Progress } from '../../../app/audit/verify';
import { AppError } from '../../../app/errors';
import type { Gates } from '../../../app/ports';
import { readCheckpoints } from '../../../host';
import { command, examples, withClient, withRecord, type Deps } from '../../command';
import { EXIT, jsonLine } from '../../output';
import { provingBy } from './proving';
import { inOrder, instant } from './range';
import { printReport } from './verify-told';

/** Milliseconds between two lines of progress. */
const PROGRESS = 3_000;

export const verifyRecord = (deps: Deps) =>
  command('verify', 'whether the record holds: chains, checkpoints, and what Temporal itself knows')
    .argument('[workflow id]', 'of one workflow; else all')
    .option('--all', 'all of it, as without a workflow id')
    .option('--from <instant>', 'chains with an entry at or after it', instant)
    .option('--to <instant>', 'chains with an entry before it', instant)
    .option('--offline', 'without Temporal: the store, the checkpoints and public keys alone')
    .option(
      '--checkpoints <file...>',
      "each worker's first file of them; else as COUNTERSIGN_CHECKPOINTS says",
    )
    .option('--public-key <file>', 'that the checkpoints are signed with; else the one beside them')
    .option(
      '--directory <file...>',
      'whose keys count, from outside of the record: people’s signatures, vouches and receipts are verified with them',
    )
    .option(
      '--deployment <name>',
      'that decisions were signed for; else as the directory or the configuration says',
    )
    .option(
      '--believed-until <instant>',
      'before then approvals may stand on names that were believed',
      instant,
    )
    .option('--complete', 'these are the checkpoints of all workers, as those of an embedded store are')
    .option('--no-complete', 'other workers have written to the store, too')
    .addHelpText(
      'after',
      `\nExit code 1 where it does not hold; each place is named. What no checkpoint tells of is refused where all workers have ended in order and their checkpoints are complete, else it is counted.\n${examples(
        'countersign audit verify',
        'countersign audit verify refund-1042',
        'countersign audit verify --from 2026-03-01 --to 2026-04-01 --offline',
        'countersign audit verify --offline --checkpoints /mnt/a/checkpoints.jsonl /mnt/b/checkpoints.jsonl --complete --json',
      )}`,
    )
    .action(async (workflowId, options) => {
      if (workflowId !== undefined && options.all === true)
        throw new AppError('INVALID_INPUT', 'give a workflow id or --all, not both');
      if (options.directory !== undefined && (workflowId ?? options.from ?? options.to) !== undefined)
        throw new AppError(
          'INVALID_INPUT',
          '--directory needs the whole record: levels and steps are told of by their owners',
        );
      const { config } = deps;
      const checkpoints = await readCheckpoints(config, options.checkpoints, options.publicKey);
      const complete = options.complete ?? (config.store === undefined && options.checkpoints === undefined);
      const range = inOrder(options);
      await withRecord(deps, async (record) => {
        const proving = await provingBy(options, config, record);
        const input = { workflowId, range, checkpoints, complete, proving };
        const work = (gates?: Gates) => verifiedBy({ record, gates }, input, progressOn(deps));
        const { verified, gone } =
          options.offline === true ? await work() : await withClient(deps, options, (gates) => work(gates));
        if (gone !== undefined) deps.streams.err(`${gone}\n`);
        if (options.json) deps.streams.out(jsonLine(verified));
        else printReport(deps, verified);
        if (!verified.holds) deps.ended(EXIT.refused);
      });
    });

/** A line every so often. */
function progressOn({ streams }: Deps): (progress: Progress) => void {
  let next = Date.now() + PROGRESS;
  return ({ entries, of }) => {
    if (Date.now() < next) return;
    next = Date.now() + PROGRESS;
    streams.err(`${String(entries)}${of === undefined ? '' : ` of ${String(of)}`} entries …\n`);
  };
}
