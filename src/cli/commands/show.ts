/** `countersign show`: the whole question, for reading before deciding. */
import { show as read } from '../../app/show';
import { command, examples, withPorts, type Deps } from '../command';
import { jsonLine } from '../output';
import { render } from '../render';

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
    .action((workflowId, { json, full = false, ...options }) =>
      withPorts(deps, options, async (ports) => {
        const { packet, trouble, seen } = await read(ports, workflowId);
        if (json) {
          deps.streams.out(jsonLine(packet));
          return;
        }
        const shown = render(packet, { full, colours: deps.streams.colours.out, trouble, seen });
        deps.streams.out(shown.text);
        if (shown.hidden === 0) await ports.lastRead.note(packet, ports.identity.name);
      }),
    );
