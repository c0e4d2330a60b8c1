/** `countersign approve | reject | comment | cancel`: one decision each, on the digest that was read. */
import { command, withClient, type Deps } from '../command';
import { agreed, conclude } from '../decide';
import { missingFlag } from '../output';

type Simple = 'approve' | 'reject' | 'comment' | 'cancel';

const WHAT: Readonly<Record<Simple, string>> = {
  approve: 'sign the revision that you read',
  reject: 'refuse it, with a comment',
  comment: 'put a comment on record; it changes nothing',
  cancel: 'call off what you asked for (the requester)',
};

/** The options that every decision has. */
export function decision(deps: Deps, name: string, description: string) {
  return command(name, description)
    .argument('<workflow id>')
    .option(
      '--digest <digest>',
      'the digest of what you read, or its first 12 characters; needed without a terminal',
    )
    .option('--reviewer <name>', 'who decides', deps.config.user)
    .option('--comment <text>', 'why')
    .option('--id <decision id>', 'for a safe repeat: the same id and content counts once')
    .option('--full', 'show every line before asking')
    .option('--dry-run', 'say what would become of it, and send nothing')
    .option('--timeout <seconds>', 'how long to wait for the receipt', Number, 10);
}

export const verdict = (deps: Deps, name: Simple) =>
  decision(deps, name, WHAT[name])
    .addHelpText(
      'after',
      `
Examples:
  $ countersign ${name} proposal-1042${name === 'reject' || name === 'comment' ? ' --comment "wrong order"' : ''}
  $ countersign ${name} proposal-1042 --digest 3f9ac0d2b1e4 --reviewer ana${name === 'reject' || name === 'comment' ? ' --comment "wrong order"' : ''} --json`,
    )
    .action((workflowId, options) =>
      withClient(deps, options, async (countersign) => {
        const comment = await why(deps, name, options);
        const digest = await agreed(deps, () => countersign.show(workflowId), options, name);
        const said = {
          digest,
          verdict: name,
          reviewer: options.reviewer,
          ...(comment === undefined ? {} : { comment }),
        };
        await conclude(deps, countersign, workflowId, said, options);
      }),
    );

async function why(
  deps: Deps,
  name: Simple,
  { comment, json }: { comment?: string | undefined; json?: true | undefined },
): Promise<string | undefined> {
  if (comment !== undefined || name === 'approve' || name === 'cancel') return comment;
  if (!deps.streams.inTerminal || json) throw missingFlag('--comment', `${name} says why`);
  const { text, isCancel } = await import('@clack/prompts');
  const given = await text({
    message: 'Why?',
    validate: (value) => (value ? undefined : 'a comment is needed'),
  });
  return isCancel(given) ? undefined : given;
}
