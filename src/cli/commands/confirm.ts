/** `countersign confirm`: one question to people; with --wait the exit code is their answer, for scripts. */
import { Option } from '@commander-js/extra-typings';
import { follow } from '../../app/follow';
import type { Gates } from '../../app/ports';
import type { Confirmed, ConfirmInput } from '../../client';
import { ConfirmationLevel } from '../../domain/policy';
import { command, examples, newId, withClient, type Deps } from '../command';
import { jsonArgument, policyArgument } from '../json-argument';
import { EXIT, jsonLine, visibleId, visibleLine } from '../output';
import { progressOn } from '../waiting';

export const confirm = (deps: Deps) =>
  command('confirm', 'ask people one question; nothing runs, the answer is theirs')
    .argument('<question>', 'such as "Delete resource orders-eu"')
    .addOption(
      new Option('--level <level>', 'INFO tells, CONFIRM asks yes or no, VERIFY has the phrase typed')
        .choices(ConfirmationLevel.options)
        .default('CONFIRM' as const),
    )
    .option('--details <json|@file|->', 'what people should know before they answer: a JSON object')
    .option('--phrase <text>', 'at VERIFY; default: the first word of the question and its last')
    .option('--requester <name>', 'who asks', deps.defaults.user)
    .option('--policy <name|json|@file|->', 'who decides, how long: by its name, or as JSON')
    .option('--id <workflow id>', 'a name of your own; a second start of it is refused, not doubled', newId)
    .option('--wait', 'stay until it is answered: exit 0 for a yes, 1 for anything else')
    .addHelpText(
      'after',
      examples(
        'countersign confirm "Delete resource orders-eu" --level VERIFY --details @orders-eu.json',
        'countersign confirm "Rotate the keys" --requester svc-ops --wait --json',
        'countersign confirm "Deploy 4.2" --policy strict --id deploy-4-2 --wait && echo deployed',
      ),
    )
    .action((question, options) =>
      withClient(deps, options, async (gates) => {
        const { level, phrase, requester, policy, details } = options;
        // Not yet checked: the client refuses it by key.
        const input = {
          action: question,
          level,
          requester,
          ...(details === undefined ? {} : { details: jsonArgument('--details', details) }),
          ...(phrase === undefined ? {} : { verificationPhrase: phrase }),
          ...(policy === undefined ? {} : { policy: policyArgument(policy) }),
        } as ConfirmInput;
        const started = await gates.confirm(input, options.id);
        if (options.wait) await answered(deps, gates, started.workflowId, options.json);
        else if (options.json) deps.streams.out(jsonLine(started));
        else deps.streams.out(`${visibleId(started.workflowId)}\n`);
      }),
    );

async function answered(deps: Deps, gates: Gates, workflowId: string, json: true | undefined): Promise<void> {
  const end = () => gates.result<Confirmed>(workflowId);
  const progress = progressOn(deps, workflowId);
  const ended = progress === undefined ? await end() : await follow({ gates }, { workflowId, end }, progress);
  const { confirmed, ...result } = ended;
  if (json) deps.streams.out(jsonLine({ workflowId, confirmed, ...result }));
  else if (confirmed) deps.streams.out('confirmed\n');
  else {
    const why = result.reason === undefined ? '' : `: ${visibleLine(result.reason)}`;
    deps.streams.out(`not confirmed: ${visibleId(result.outcome)}${why}\n`);
  }
  if (!confirmed) deps.ended(EXIT.refused);
}
