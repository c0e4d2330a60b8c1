/** `countersign feedback`: what a person says of a run, kept here and sent on to wherever the worker sends it. */
import { AppError } from '../../app/errors';
import { giveFeedback, type Given } from '../../app/feedback/give';
import type { FeedbackInput, Judged } from '../../client';
import { InvalidArgumentError } from '@commander-js/extra-typings';
import { command, decimal, examples, positive, withClient, type Deps } from '../command';
import { jsonArgument } from '../json-argument';
import { EXIT, jsonLine, missingFlag, visibleId, visibleLine } from '../output';

interface Options {
  readonly key?: string | undefined;
  readonly score?: number | undefined;
  readonly comment?: string | undefined;
  readonly correction?: string | undefined;
  readonly reviewer: string;
  readonly id?: string | undefined;
  readonly run?: string | undefined;
  readonly window?: string | undefined;
  readonly decided?: true | undefined;
  readonly timeout: number;
  readonly json?: true | undefined;
}

export const feedback = (deps: Deps) =>
  command('feedback', 'say how good a run’s output was: a score for a key, and what it should have been')
    .argument('<workflow or run id>')
    .option('--key <key>', 'what is judged, such as helpfulness')
    .option('--score <number>', 'from 0 to 1', score)
    .option('--comment <text>', 'why')
    .option('--correction <json|text|@file|->', 'what it should have been')
    .option('--reviewer <name>', 'who says so', deps.defaults.user)
    .option('--decided', 'of a gate that has ended: what people decided there, edited args as corrections')
    .option('--run <run id>', 'the run that is judged, where it is not the workflow’s own: that of LangSmith')
    .option('--window <duration>', 'how long a collection that is started now stays open, such as "7 days"')
    .option('--id <feedback id>', 'for a safe repeat: the same id counts once')
    .option('--timeout <seconds>', 'how long to wait for the receipt', positive, 10)
    .addHelpText(
      'after',
      '\nWhere no collection of the run is open, one is started; a worker stores what it takes, and sends it on where it has a key.\n' +
        examples(
          'countersign feedback review-1042 --key helpfulness --score 0.8 --comment "a bit long"',
          'countersign feedback 0f9d1c9e-6a0f-4d7e-9d39-3a2f60a3a0b1 --key correctness --score 0 --correction \'{"amount":20}\' --reviewer ana --json',
          'countersign feedback refund-1042 --decided --run 0f9d1c9e-6a0f-4d7e-9d39-3a2f60a3a0b1',
        ),
    )
    .action((id, options) =>
      withClient(deps, options, async (gates) => {
        const { run: runId, window, timeout, json } = options;
        if (options.decided === true) notBoth(options);
        const says = options.decided === true ? ('decided' as const) : single(options);
        const on = { id, runId, says, window, within: timeout * 1_000 };
        for await (const { judged, receipt } of giveFeedback({ gates }, on)) {
          const { runId: of, workflowId } = judged;
          if (receipt.status === 'refused') deps.ended(EXIT.refused);
          if (json) deps.streams.out(jsonLine({ ...receipt, runId: of, workflowId }));
          else deps.streams.out(`${sentence(judged, receipt)}\n`);
        }
      }),
    );

/** Whether it is from 0 to 1 is the wire's to say, as it is for whoever else sends one. */
function score(text: string): number {
  const value = decimal(text);
  if (value !== undefined) return value;
  throw new InvalidArgumentError('Give a number from 0 to 1 in the digits 0-9, such as 0.8.');
}

/** @throws AppError INVALID_INPUT: what people decided says all of it, and what is given would be left out without a word */
function notBoth(options: Options): void {
  const given = (['key', 'score', 'comment', 'correction', 'id'] as const).filter(
    (name) => options[name] !== undefined,
  );
  if (given.length === 0) return;
  const flags = given.map((name) => `--${name}`).join(', ');
  throw new AppError(
    'INVALID_INPUT',
    `--decided takes what people decided as the feedback; give it without ${flags}`,
  );
}

function single(options: Options): FeedbackInput {
  const { key, score, comment, correction, reviewer, id } = options;
  if (key === undefined) throw missingFlag('--key', 'it says what is judged; or give --decided');
  if (score === undefined) throw missingFlag('--score', 'from 0 to 1');
  return {
    reviewer,
    key,
    score,
    ...(comment === undefined ? {} : { comment }),
    ...(correction === undefined
      ? {}
      : { correction: jsonArgument('--correction', correction, 'text') as FeedbackInput['correction'] }),
    ...(id === undefined ? {} : { id }),
  };
}

function sentence({ runId, workflowId }: Judged, receipt: Given['receipt']): string {
  const where = `${visibleId(workflowId)}, on the run ${visibleId(runId)}`;
  if (receipt.status === 'delivered')
    return `delivered to ${where}, not yet confirmed: no worker has answered; its id is ${visibleId(receipt.id)}`;
  if (receipt.status === 'refused')
    return `refused: ${visibleId(receipt.code ?? '')}: ${visibleLine(receipt.message ?? '')}`;
  return `taken by ${where}`;
}
