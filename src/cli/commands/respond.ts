/** `countersign respond`: an answer in place of the action; nothing runs. */
import type { DecideInput } from '../../client';
import { examples, withClient, type Deps } from '../command';
import { conclude, question } from '../decide';
import { jsonArgument } from '../json-argument';
import { EXIT, Failure, missingFlag } from '../output';
import { prompts } from '../prompt';
import { decision } from './verdicts';

export const respond = (deps: Deps) =>
  decision(deps, 'respond', 'answer in place of the action: nothing runs, your answer is the result')
    .option('--answer <text|json|@file|->', 'the answer: JSON where it is JSON, else text')
    .addHelpText(
      'after',
      examples(
        'countersign respond proposal-1042 --answer "refunded by hand"',
        `countersign respond proposal-1042 --answer '{"refunded":20}' --digest 3f9ac0d2b1e4 --reviewer ana --json`,
        'countersign respond proposal-1042 --answer @answer.json',
      ),
    )
    .action((workflowId, options) =>
      withClient(deps, options, async (countersign) => {
        if (options.answer === undefined && (!deps.streams.inTerminal || options.json))
          throw missingFlag('--answer', 'it stands in place of the action');
        const given =
          options.answer === undefined ? undefined : jsonArgument('--answer', options.answer, 'text');
        const { digest, agree } = await question(
          deps,
          () => countersign.show(workflowId),
          options,
          'respond',
        );
        const answer = options.answer === undefined ? await words(deps) : given;
        await agree();
        const { reviewer, comment } = options;
        const said = {
          digest,
          verdict: 'respond',
          reviewer,
          answer,
          ...(comment === undefined ? {} : { comment }),
        } as DecideInput;
        await conclude(deps, countersign, workflowId, said, options);
      }),
    );

async function words(deps: Deps): Promise<unknown> {
  const given = await prompts(deps).text('Your answer?', 'An answer is needed.');
  if (given === undefined) throw new Failure(EXIT.refused, 'NOT_SENT', 'nothing was sent');
  // As it stands: somebody who types @ana means nobody's file.
  return given;
}
