/** `countersign show`: the whole question, for reading before deciding. */
import { command, examples, withClient, type Deps } from '../command';
import { jsonLine } from '../output';
import { render } from '../render';

export const show = (deps: Deps) =>
  command('show', 'the whole question: what runs, the claim, preview, diff, policy, deadline')
    .argument('<workflow id>')
    .option('--full', 'every line, however long')
    .addHelpText(
      'after',
      examples('countersign show proposal-1042 --full', 'countersign show proposal-1042 --json | jq .digest'),
    )
    .action((workflowId, options) =>
      withClient(deps, options, async (countersign) => {
        const packet = await countersign.show(workflowId);
        const { trouble } = packet.status === 'executing' ? await countersign.status(workflowId) : {};
        if (options.json) deps.streams.out(jsonLine(packet));
        else
          deps.streams.out(
            render(packet, { full: options.full === true, colours: deps.streams.colours.out, trouble }).text,
          );
      }),
    );
