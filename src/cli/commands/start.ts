/** `countersign start`: a workflow with its wire object as it stands, ours or one's own. */
import { AppError } from '../../app/errors';
import { INNER_TYPES, WORKFLOW_TYPES } from '../../client';
import { command, examples, newId, withClient, type Deps } from '../command';
import { jsonArgument } from '../json-argument';
import { jsonLine, visibleId } from '../output';

const WHAT: Readonly<Record<string, string>> = {
  proposeAndExecute: 'an agent (or you) proposes, people decide, then it runs',
  generateAndReview: 'an agent writes; what people approve, edited or not, is the result',
  multiStepApproval: 'a plan: step after step is decided and runs; what was done may be taken back',
  escalation: 'agents are asked in turn until one is sure enough, then people',
  confirm: 'one question to people; nothing runs',
  reconcile: 'compares closed workflows with the audit store; see countersign reconcile',
  collectFeedback: 'scores on a run, by signal, until all are there or its window is over',
};

const types = WORKFLOW_TYPES.map((type) => `  ${type.padEnd(18)} ${WHAT[type] ?? ''}`).join('\n');

export const start = (deps: Deps) =>
  command('start', 'start a workflow with its whole argument, as the wire contract has it')
    .argument(
      '<type>',
      `${WORKFLOW_TYPES.join(', ')}; one of your own where COUNTERSIGN_WORKFLOWS names them`,
    )
    .requiredOption('--input <json|file|@file|->', 'the argument; ours is checked before it is sent')
    .option('--id <workflow id>', 'a name of your own; a second start of it is refused, not doubled', newId)
    .addHelpText(
      'after',
      `\nTypes:\n${types}\n${examples(
        'countersign start proposeAndExecute --input refund.json --id refund-1042',
        `countersign start generateAndReview --input '{"v":1,"task":"answer the customer of order 1042","requester":"svc-desk"}'`,
        'countersign start multiStepApproval --input release.json --id release-4-2',
        `countersign start escalation --input '{"v":1,"task":"may order 1042 be returned?","requester":"svc-desk"}' --id ticket-1042`,
        `countersign start confirm --input '{"v":1,"action":"Delete resource orders-eu","level":"VERIFY","requester":"svc-ops"}'`,
        `countersign start collectFeedback --input '{"v":1,"runId":"ticket-1042","output":"we pay thirty"}'`,
        `echo '{"v":1,"task":"answer: hello","requester":"ana"}' | countersign start proposeAndExecute --input - --json`,
      )}`,
    )
    .action(async (type, options) => {
      if (deps.config.workflows === undefined && ![...WORKFLOW_TYPES, ...INNER_TYPES].includes(type))
        throw new AppError(
          'UNKNOWN_TYPE',
          `${type} is no workflow type of Countersign (${WORKFLOW_TYPES.join(', ')}); for one of your own set COUNTERSIGN_WORKFLOWS to its module`,
        );
      const argument = jsonArgument('--input', options.input, 'file');
      await withClient(deps, options, async (countersign) => {
        const started = await countersign.start(type, argument, options.id);
        if (options.json) deps.streams.out(jsonLine(started));
        else deps.streams.out(`${visibleId(started.workflowId)}\n`);
      });
    });
