/** `countersign propose`: starts a proposal, from a task in words or given whole. */
import type { ProposeInput } from '../../client';
import { command, examples, newId, withClient, type Deps } from '../command';
import { jsonArgument, policyArgument } from '../json-argument';
import { Failure, jsonLine, visibleId } from '../output';

export const propose = (deps: Deps) =>
  command('propose', 'start a proposal: in words, for the agent; or given whole')
    .argument('[task]', 'what the agent shall see to, in words')
    .option('--proposal <json|@file|->', 'the proposal itself: the agent is not asked')
    .option(
      '--policy <name|json|@file|->',
      'who decides, how long: by its name, or as JSON; default: what the rules say, else one person, 24 hours',
    )
    .option('--requester <name>', 'who asks', deps.defaults.user)
    .option('--id <workflow id>', 'a name of your own; a second start of it is refused, not doubled', newId)
    .addHelpText(
      'after',
      examples(
        'countersign propose "refund order 1042, it arrived broken"',
        'countersign propose --proposal @refund.json --policy @two-people.json --requester svc-orders',
        'countersign propose "refund order 1042" --policy strict',
      ),
    )
    .action((task, options) =>
      withClient(deps, options, async (countersign) => {
        if (task === undefined && options.proposal === undefined)
          throw new Failure('FLAG_MISSING', 'give a task in words, or --proposal');
        const proposal =
          options.proposal === undefined ? undefined : jsonArgument('--proposal', options.proposal);
        const title = (proposal as { title?: unknown } | null | undefined)?.title;
        const input = {
          task: task ?? (typeof title === 'string' && title !== '' ? title : 'a given proposal'),
          requester: options.requester,
          ...(proposal === undefined ? {} : { proposal }),
          ...(options.policy === undefined ? {} : { policy: policyArgument(options.policy) }),
        } as ProposeInput; // not yet checked: the client refuses it by key
        const started = await countersign.propose(input, options.id);
        if (options.json) deps.streams.out(jsonLine(started));
        else deps.streams.out(`${visibleId(started.workflowId)}\n`);
      }),
    );
