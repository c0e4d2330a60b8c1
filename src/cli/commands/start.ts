/** `countersign start`: a workflow with its wire object as it stands, ours or one's own. */
import { INNER_TYPES, WORKFLOW_TYPES } from '../../client';
import { command, examples, withClient, type Deps } from '../command';
import { jsonArgument } from '../json-argument';
import { EXIT, Failure, jsonLine, visibleId } from '../output';

export const start = (deps: Deps) =>
  command('start', 'start a workflow with its whole argument, as the wire contract has it')
    .argument(
      '<type>',
      `${WORKFLOW_TYPES.join(', ')}; one of your own where COUNTERSIGN_WORKFLOWS names them`,
    )
    .requiredOption('--input <json|file|@file|->', 'the argument; ours is checked before it is sent')
    .option('--id <workflow id>', 'a name of your own; a second start of it is refused, not doubled')
    .addHelpText(
      'after',
      examples(
        'countersign start proposeAndExecute --input refund.json --id refund-1042',
        `countersign start confirm --input '{"v":1,"action":"Delete resource orders-eu","level":"VERIFY","requester":"svc-ops"}'`,
        `echo '{"v":1,"task":"answer: hello","requester":"ana"}' | countersign start proposeAndExecute --input - --json`,
      ),
    )
    .action(async (type, options) => {
      if (deps.config.workflows === undefined && ![...WORKFLOW_TYPES, ...INNER_TYPES].includes(type))
        throw new Failure(
          EXIT.usage,
          'UNKNOWN_TYPE',
          `${visibleId(type)} is no workflow type of Countersign (${WORKFLOW_TYPES.join(', ')}); for one of your own set COUNTERSIGN_WORKFLOWS to its module`,
        );
      const argument = jsonArgument('--input', options.input, 'file');
      await withClient(deps, options, async (countersign) => {
        const started = await countersign.start(type, argument, options.id);
        if (options.json) deps.streams.out(jsonLine(started));
        else deps.streams.out(`${visibleId(started.workflowId)}\n`);
      });
    });
