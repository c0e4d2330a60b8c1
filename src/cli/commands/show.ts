/** `countersign show`: the whole question, for reading before deciding. */
import { command, examples, withClient, type Deps } from '../command';
import { jsonLine } from '../output';
import { render } from '../render';
import { lastSeen, remember } from '../seen';

export const show = (deps: Deps) =>
  command('show', 'the whole question: what runs, the claim, preview, diff, who signed, who is missing')
    .argument('<workflow id>')
    .option('--full', 'every line, however long')
    .option('--reviewer <name>', 'whose reading it is: shows what changed since theirs', deps.defaults.user)
    .addHelpText(
      'after',
      examples(
        'countersign show proposal-1042 --full',
        'countersign show proposal-1042 --reviewer ana',
        'countersign show proposal-1042 --json | jq .digest',
      ),
    )
    .action((workflowId, { reviewer, json, full = false, ...target }) =>
      withClient(deps, target, async (countersign) => {
        const packet = await countersign.showAtEnd(workflowId);
        const { trouble } = packet.status === 'executing' ? await countersign.status(workflowId) : {};
        if (json) {
          deps.streams.out(jsonLine(packet));
          return;
        }
        const { dataDir } = deps.defaults;
        const seen = lastSeen(dataDir, packet, reviewer);
        const shown = render(packet, { full, colours: deps.streams.colours.out, trouble, seen });
        deps.streams.out(shown.text);
        if (shown.hidden === 0) remember(dataDir, packet, reviewer);
      }),
    );
