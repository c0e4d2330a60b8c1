/** `countersign respond`: an answer in place of the action; nothing runs. */
import type { Json } from '../../domain/json';
import { examples, type Deps } from '../command';
import { silent } from '../decide';
import { words } from '../given';
import { jsonArgument } from '../json-argument';
import { missingFlag } from '../output';
import { decide, decision } from './verdicts';

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
    .action(async (workflowId, options) => {
      if (options.answer === undefined && silent(deps, options))
        throw missingFlag('--answer', 'it stands in place of the action');
      // Not yet checked: the client refuses what cannot be sent.
      const given =
        options.answer === undefined ? undefined : (jsonArgument('--answer', options.answer, 'text') as Json);
      const answer = async () => ({ answer: given === undefined ? await words(deps) : given });
      await decide(deps, workflowId, 'respond', options, answer);
    });
