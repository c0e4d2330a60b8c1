/** `countersign reconcile`: whether Temporal and the store tell of the same gates; now, or every so often. */
import { AppError } from '../../app/errors';
import { InvalidArgumentError } from '@commander-js/extra-typings';
import { milliseconds } from '../../domain/duration';
import { command, examples, withClient, type Deps } from '../command';
import { jsonLine, visible, visibleId } from '../output';

export const reconcile = (deps: Deps) =>
  command('reconcile', 'compare what Temporal knows of closed workflows with the audit store')
    .option('--since <duration>', 'what was closed since so long ago (default: a day)', duration)
    .option(
      '--every <duration>',
      'from now on so often, by a schedule in Temporal; again to change it; at least a minute',
      interval,
    )
    .option('--stop', 'end that schedule')
    .addHelpText(
      'after',
      '\nRecords what no code could, such as a terminated gate, explains forks by resets, and exits 1 where the store\n' +
        'lacks something, or has something else. A worker does it.\n' +
        examples(
          'countersign reconcile',
          "countersign reconcile --since '7 days' --json",
          "countersign reconcile --every '1 hour'",
        ),
    )
    .action((options) =>
      withClient(deps, options, async (countersign) => {
        const { since, every, stop, json } = options;
        const say = (value: object, text: string) => {
          deps.streams.out(json ? jsonLine(value) : `${text}\n`);
        };
        if ([since, every, stop].filter((one) => one !== undefined).length > 1)
          throw new AppError('INVALID_INPUT', 'give one of --since, --every and --stop');
        if (stop === true) {
          const ended = await countersign.stopReconciling();
          say({ stopped: ended }, ended ? 'the schedule is ended' : 'there was no schedule');
          return;
        }
        if (every !== undefined) {
          const scheduleId = await countersign.reconcileEvery(every);
          say(
            { scheduleId },
            `scheduled as ${visibleId(scheduleId)}; a run with a mismatch fails, and shows as failed`,
          );
          return;
        }
        const from = since === undefined ? undefined : new Date(Date.now() - since).toISOString();
        const report = await countersign.reconcile(from);
        const { checked, ended, explained, mismatches } = report;
        say(
          report,
          [
            `${String(checked)} ${checked === 1 ? 'workflow' : 'workflows'} checked, closed from ${report.since} to ${report.until}`,
            `${String(ended)} ended without a word of their own, now on record; ${String(explained)} ${explained === 1 ? 'fork' : 'forks'} explained`,
            ...mismatches.map((one) => `does not match  ${visible(one)}`),
          ].join('\n'),
        );
        if (mismatches.length > 0)
          throw new AppError(
            'AUDIT_MISMATCH',
            `${String(mismatches.length)} ${mismatches.length === 1 ? 'does' : 'do'} not match the store`,
          );
      }),
    );

function duration(text: string): number {
  const value = milliseconds(text);
  if (value > 0) return value;
  throw new InvalidArgumentError("Give a duration such as '1 hour'.");
}

/** What is closed less than a minute ago is left to the run after (`settle`): more often there is nothing to find. */
const LEAST = 60_000;

function interval(text: string): number {
  const value = duration(text);
  if (value >= LEAST) return value;
  throw new InvalidArgumentError("Give a minute or more, such as '1 hour'.");
}
