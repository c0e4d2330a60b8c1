/** `countersign approve | reject | revise | comment | cancel`: one decision each, on the digest that was read. */
import { command, examples, positive, withClient, type Deps } from '../command';
import { conclude, question } from '../decide';
import { EXIT, Failure, missingFlag } from '../output';
import { prompts } from '../prompt';

type Simple = 'approve' | 'reject' | 'revise' | 'comment' | 'cancel';

const WHAT: Readonly<Record<Simple, string>> = {
  approve: 'sign the revision that you read',
  reject: 'refuse it, with a comment',
  revise: 'send it back to the agent, with a comment: it proposes the next revision',
  comment: 'put a comment on record; it changes nothing',
  cancel: 'call off what you asked for (the requester)',
};

/** What an example says; a verdict without one needs no comment. */
const SAYS: Readonly<Partial<Record<Simple, string>>> = {
  reject: 'wrong order',
  revise: 'half of it, please',
  comment: 'I asked the customer',
};

/** The options that every decision has. */
export function decision(deps: Deps, name: string, description: string) {
  return command(name, description)
    .argument('<workflow id>')
    .option(
      '--digest <digest>',
      'the digest of what you read, or its first 12 characters; needed without a terminal',
    )
    .option('--reviewer <name>', 'who decides', deps.defaults.user)
    .option('--comment <text>', 'why')
    .option('--id <decision id>', 'for a safe repeat: the same id and content counts once')
    .option('--full', 'show every line before asking')
    .option('--dry-run', 'say what would become of it, and send nothing')
    .option('--timeout <seconds>', 'how long to wait for the receipt', positive, 10);
}

export const verdict = (deps: Deps, name: Simple) => {
  const because = SAYS[name] === undefined ? '' : ` --comment "${SAYS[name]}"`;
  return decision(deps, name, WHAT[name])
    .addHelpText(
      'after',
      examples(
        `countersign ${name} proposal-1042${because}`,
        `countersign ${name} proposal-1042 --digest 3f9ac0d2b1e4 --reviewer ana${because} --json`,
      ),
    )
    .action((workflowId, options) =>
      withClient(deps, options, async (countersign) => {
        const silent = !deps.streams.inTerminal || options.json === true;
        if (SAYS[name] !== undefined && options.comment === undefined && silent)
          throw missingFlag('--comment', `${name} says why`);
        const { digest, agree } = await question(deps, () => countersign.show(workflowId), options, name);
        const comment = options.comment ?? (SAYS[name] === undefined ? undefined : await why(deps));
        await agree();
        const said = {
          digest,
          verdict: name,
          reviewer: options.reviewer,
          ...(comment === undefined ? {} : { comment }),
        };
        await conclude(deps, countersign, workflowId, said, options);
      }),
    );
};

async function why(deps: Deps): Promise<string> {
  const given = await prompts(deps).text('Why?', 'A comment is needed.');
  if (given === undefined) throw new Failure(EXIT.refused, 'NOT_SENT', 'nothing was sent');
  return given;
}
