/** `countersign respond`: an answer in place of the action; nothing runs. */
import type { Json } from '../../domain/json';
import { examples, type Deps } from '../command';
import { required } from '../given';
import { jsonArgument } from '../json-argument';
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
      required(deps, 'respond', options);
      // Not yet checked: what cannot be sent is refused.
      const given =
        options.answer === undefined
          ? {}
          : { answer: jsonArgument('--answer', options.answer, 'text') as Json };
      await decide(deps, workflowId, 'respond', options, given);
    });
